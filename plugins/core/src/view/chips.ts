/**
 * The texts of a recipe as chips, and what is offered while the user types. Pure; texts are compared without case and outer
 * blanks.
 */
import { protocolLimits, recipeLimits, type PackSummary } from '@deltaspace/shared-protocol';
import { withoutNoun } from '../recipe/texts.js';

export interface ChipView {
  readonly text: string;
  /** Shorter, for the chip itself: `sunglasses` for `face with sunglasses`. */
  readonly label: string;
  /** Words in it that the pack does not know, from the newest result. */
  readonly unknownWords: readonly string[];
}

/** Suggestions that are shown at once. */
export const shownSuggestions = 8;

export function chipsOf(texts: readonly string[], unknownWords: readonly string[] = []): ChipView[] {
  return texts.map((text) => ({
    text,
    label: withoutNoun(text),
    unknownWords: unknownWords.filter((word) => wordsOf(text).includes(folded(word))),
  }));
}

/** The texts with one more; the same list when it is empty, there already, too long or one too many. */
export function addText(texts: readonly string[], typed: string): readonly string[] {
  const text = typed.trim().replace(/\s+/g, ' ');
  const isThere = texts.some((other) => folded(other) === folded(text));
  const fits = text.length <= protocolLimits.textCharacters && texts.length < recipeLimits.texts;
  return text === '' || isThere || !fits ? texts : [...texts, text];
}

export function removeText(texts: readonly string[], text: string): readonly string[] {
  return texts.filter((other) => folded(other) !== folded(text));
}

/**
 * What to offer: the pack's suggestions that hold every word that was typed, those first that begin so, without the chips that
 * are there. None where the daemon names none.
 */
export function suggestionsOf(
  pack: Pick<PackSummary, 'suggestions'> | undefined,
  texts: readonly string[],
  typed: string,
): string[] {
  const taken = new Set(texts.map(folded));
  const unique = new Map((pack?.suggestions ?? []).map((text) => [folded(text), text.trim()]));
  const wanted = wordsOf(typed);
  const found = [...unique].filter(
    ([key]) =>
      key !== '' && !taken.has(key) && wanted.every((word) => wordsOf(key).some((own) => own.startsWith(word))),
  );
  const begins = (text: string): boolean =>
    wanted.length > 0 &&
    (folded(text).startsWith(folded(typed)) || folded(withoutNoun(text)).startsWith(folded(typed)));
  const offered = found.map(([, text]) => text);
  return [...offered.filter(begins), ...offered.filter((text) => !begins(text))].slice(0, shownSuggestions);
}

function folded(text: string): string {
  return text.trim().toLowerCase();
}

function wordsOf(text: string): string[] {
  return folded(text).match(/[\p{L}\p{N}'’-]+/gu) ?? [];
}
