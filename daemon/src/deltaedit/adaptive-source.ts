/**
 * The source text written for a layer (`--source auto`): what the layer shows now of everything the target speaks about.
 *
 * "face with red hair" asked of a brown-haired face gets the source "face with brown hair": Δt then says what changes and
 * nothing else. In the paper the source is the bare noun or a text by hand (§3.2, "Text-prompt Setting"); from the noun, Δt
 * also holds what the layer has already.
 */
import { type AttributeTable, type KnownPhrase, readLayer, readText } from './attribute-table.js';

export interface AdaptiveSource {
  readonly text: string;
  /** Attributes that the target states, by name. */
  readonly mentioned: readonly string[];
  /** Those of them that the layer shows already. */
  readonly alreadyShown: readonly string[];
  /** Whether those are all that it states, and it states something. */
  readonly allShown: boolean;
}

/** Source text for a target; the noun itself when the target states nothing that the layer lacks. Embeddings are unit [D]. */
export function adaptiveSource(
  table: AttributeTable,
  noun: string,
  image: Float32Array,
  target: Float32Array,
): AdaptiveSource {
  const shown = readLayer(table, image);
  const stated = readText(table, target);
  const [changing, already]: [KnownPhrase[], string[]] = [[], []];
  for (const { attribute, value } of stated) {
    const now = visiblePhrase(table, shown, attribute);
    if (now?.attribute === attribute && now.value === value) already.push(attribute);
    else if (now && !changing.includes(now)) changing.push(now);
  }
  return {
    text: composePhrases(
      noun,
      changing.map(({ phrase }) => phrase),
    ),
    mentioned: stated.map(({ attribute }) => attribute),
    alreadyShown: already,
    allShown: already.length > 0 && already.length === stated.length,
  };
}

/** What the layer shows of an attribute; of the attribute it depends on, when it cannot be seen (the hat, for its colour). */
function visiblePhrase(
  table: AttributeTable,
  shown: ReadonlyMap<string, KnownPhrase>,
  attribute: string,
): KnownPhrase | undefined {
  const { needs } = table.attributes.find(({ name }) => name === attribute) ?? {};
  const carrier = needs === undefined ? undefined : shown.get(needs.attribute);
  const visible = needs === undefined || carrier === undefined || needs.values.includes(carrier.value);
  return visible ? shown.get(attribute) : carrier;
}

/** Joins phrases around their noun: "smiling face" and "face with red hair" make "smiling face with red hair". */
export function composePhrases(noun: string, phrases: readonly string[]): string {
  const [before, after]: [string[], string[]] = [[], []];
  for (const phrase of phrases) {
    const [words, nounWords] = [phrase.split(' '), noun.split(' ')];
    const at = words.findIndex((_, i) => nounWords.every((word, k) => words[i + k] === word));
    if (at < 0) after.push(phrase);
    else {
      before.push(...words.slice(0, at));
      after.push(...words.slice(at + nounWords.length));
    }
  }
  return [...before, noun, ...after].join(' ');
}
