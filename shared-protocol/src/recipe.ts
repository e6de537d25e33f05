/**
 * What an edit is made of, as versioned JSON that plugins store in documents and scripts may keep in files: enough to make
 * the same edit again, of this layer or of another one. No pixels, no digests, no ids of an editor.
 *
 * It is not a message. A recipe of a newer version is refused with words: what a newer plugin added would be lost here.
 */
import './without-eval.js';
import * as z from 'zod';
import { editMethodSchema, editSourceSchema } from './messages/edit.js';
import { describeIssues, explainIssue } from './messages/issues.js';
import { nameSchema, textSchema } from './messages/schema.js';

/** Newest version of recipes that is read and written here. */
export const recipeVersion = 1;

export const recipeLimits = {
  /** Texts of one recipe: together they make one target. */
  texts: 8,
  /** Length as JSON, in UTF-16 code units. Figma keeps 100 kB of plugin data per node; this is far below. */
  jsonCharacters: 16 * 1024,
} as const;

export const recipeSchema = z.strictObject({
  format: z.literal('deltaspace-recipe'),
  version: z.literal(recipeVersion),
  texts: z.array(textSchema).max(recipeLimits.texts).describe('what the layer shall show; none: nothing to do yet'),
  source: editSourceSchema.exactOptional(),
  strength: z.number().min(-10).max(10).exactOptional().describe('ρ; the default of the pack when left out'),
  threshold: z.number().min(0).max(1).exactOptional().describe('τ; the default of the pack when left out'),
  method: editMethodSchema.exactOptional(),
  pack: nameSchema.exactOptional(),
});
export type Recipe = z.output<typeof recipeSchema>;

/** Why a text is no recipe that can be used. */
export type RecipeErrorCode = 'recipe_too_long' | 'recipe_damaged' | 'recipe_newer';

export class RecipeError extends Error {
  override readonly name = 'RecipeError';
  readonly code: RecipeErrorCode;

  constructor(code: RecipeErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A recipe without texts and with the defaults of the pack. */
export const emptyRecipe: Recipe = { format: 'deltaspace-recipe', version: recipeVersion, texts: [] };

/** @throws RecipeError `recipe_too_long`. */
export function serializeRecipe(recipe: Recipe): string {
  const text = JSON.stringify(recipe);
  if (text.length > recipeLimits.jsonCharacters) throw tooLong(text.length);
  return text;
}

/**
 * Reads what `serializeRecipe` wrote, now or in an older version.
 * @throws RecipeError with words to show.
 */
export function parseRecipe(text: string): Recipe {
  if (text.length > recipeLimits.jsonCharacters) throw tooLong(text.length);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RecipeError('recipe_damaged', 'the recipe is no JSON; make the edit again');
  }
  const { format, version } = (value ?? {}) as { format?: unknown; version?: unknown };
  if (format === 'deltaspace-recipe' && typeof version === 'number' && version > recipeVersion) {
    const words = `the recipe has version ${version}, and ${recipeVersion} is the newest that is known here; update the plugin`;
    throw new RecipeError('recipe_newer', words);
  }
  const parsed = recipeSchema.safeParse(value, { error: explainIssue });
  if (!parsed.success)
    throw new RecipeError('recipe_damaged', `the recipe is damaged: ${describeIssues(parsed.error)}`);
  return parsed.data;
}

function tooLong(characters: number): RecipeError {
  const words = `a recipe has at most ${recipeLimits.jsonCharacters} characters, this one has ${characters}; use fewer texts`;
  return new RecipeError('recipe_too_long', words);
}
