/**
 * Text → words, the same for captions, prompts and what a user types.
 *
 * Lower case, letters only. Apostrophes vanish ("man's" → "mans"). A hyphen joins a single letter to what follows
 * ("t-shirt" → "tshirt") and otherwise separates ("clean-shaven" → "clean shaven"). Accents are dropped.
 */

/** The words of a text in order; empty for a text without letters. */
export function wordsOf(text: string): string[] {
  const plain = text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f'\u2018\u2019]/g, '')
    .toLowerCase()
    .replace(/\b([a-z])-(?=[a-z])/g, '$1');
  return plain.match(/[a-z]+/g) ?? [];
}
