/** Recipes on their way into the document and back: what lies on a layer is checked like anything that came from outside. */
import { parseRecipe, RecipeError, serializeRecipe, type Recipe } from '@deltaspace/plugin-core';
import { type Json, type Recipe as StoredRecipe } from '../../bridge/index.js';

/** The recipe as plugin data keeps it. @throws RecipeError `recipe_too_long`. */
export function toStored(recipe: Recipe): StoredRecipe {
  return JSON.parse(serializeRecipe(recipe)) as StoredRecipe;
}

export type StoredReading =
  { readonly ok: true; readonly recipe: Recipe } | { readonly ok: false; readonly problem: string };

/** Reads what lies on a layer, or in the plugin's storage; what is wrong is said in words. */
export function fromStored(stored: Json): StoredReading {
  try {
    return { ok: true, recipe: parseRecipe(JSON.stringify(stored)) };
  } catch (error) {
    if (!(error instanceof RecipeError)) throw error;
    return { ok: false, problem: error.message };
  }
}
