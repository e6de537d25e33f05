/**
 * Texts of a recipe as one target, and as a short title for layers. Pure.
 */
import type { Recipe } from '@deltaspace/shared-protocol';

/** Length of a title without the strength, in UTF-16 code units; longer ones end with an ellipsis. */
const titleCharacters = 48;

/**
 * The chips as one text. Those that begin as the first one does, up to `with`, lose that beginning: `face with glasses` and
 * `face with red hair` are `face with glasses and red hair`. Undefined when there are none.
 */
export function targetText(texts: readonly string[]): string | undefined {
  const [first, ...others] = texts.map((text) => text.trim()).filter((text) => text !== '');
  if (first === undefined) return undefined;
  const beginning = /^.*?\bwith\s+/i.exec(first)?.[0].toLowerCase();
  const rest = others.map((text) =>
    beginning !== undefined && text.toLowerCase().startsWith(beginning) ? text.slice(beginning.length) : text,
  );
  return [first, ...rest].join(' and ');
}

/** A name for what the recipe makes, such as `sunglasses +1.0`. Without strength where the pack's default is used. */
export function recipeTitle(recipe: Recipe, defaultStrength?: number): string {
  const text =
    recipe.texts
      .map(withoutNoun)
      .filter((part) => part !== '')
      .join(', ') || 'edit';
  const short = text.length <= titleCharacters ? text : `${text.slice(0, titleCharacters - 1).trimEnd()}…`;
  const strength = recipe.strength ?? defaultStrength;
  return strength === undefined ? short : `${short} ${signed(strength)}`;
}

/** A number with its sign and one decimal, with a true minus. */
export function signed(value: number): string {
  const digits = Math.abs(value).toFixed(1);
  return `${value < 0 && digits !== '0.0' ? '−' : '+'}${digits}`;
}

/** `face with sunglasses` → `sunglasses`; a text without `with` stays as it is. */
export function withoutNoun(text: string): string {
  return text.trim().replace(/^(an? |the )?[\p{L}]+ with /iu, '');
}
