/**
 * What an edit could not do, as sentences for the panel. Codes that are not known here keep the daemon's words.
 */
import type { EditedImage } from '../editing/edited-image.js';

export interface WarningView {
  readonly code: string;
  readonly text: string;
}

export function warningsOf(edit: Pick<EditedImage, 'warnings' | 'unknownWords'>): WarningView[] {
  return edit.warnings.map(({ code, message }) => ({ code, text: textOf(code, message, edit.unknownWords) }));
}

function textOf(code: string, message: string, unknownWords: readonly string[]): string {
  switch (code) {
    case 'unknown_words':
      return unknownWords.length === 0 ? sentence(message) : `The pack does not know ${listed(unknownWords)}.`;
    case 'no_change':
      return 'Next to nothing changed. Try more strength, less locality, or other words.';
    case 'out_of_reach':
      return 'The pack may not be able to show that. Look closely before you keep it.';
    default:
      return sentence(message);
  }
}

function listed(words: readonly string[]): string {
  const quoted = words.map((word) => `“${word}”`);
  const last = quoted[quoted.length - 1] as string;
  return quoted.length === 1 ? last : `${quoted.slice(0, -1).join(', ')} and ${last}`;
}

function sentence(message: string): string {
  const closed = /[.!?…]$/.test(message) ? message : `${message}.`;
  return closed.charAt(0).toUpperCase() + closed.slice(1);
}
