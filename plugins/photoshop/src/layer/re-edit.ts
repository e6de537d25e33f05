/**
 * Editing a result again: from a result layer back to the layer it was made from and to what made it.
 */
import type { DocumentFacts, LayerFacts, PhotoshopPort } from '../host/photoshop-port.js';
import { words } from '../words.js';
import { captureLayer, type Capture, type CaptureOptions } from './capture.js';
import { LayerError } from './layer-error.js';
import { readRecipes, recipeOf, type Recipe } from './recipe-store.js';

/** What is needed to change an edit: commit the outcome with `replaceLayerId: resultLayerId`. */
export interface ReEdit {
  readonly resultLayerId: number;
  readonly recipe: Recipe;
  readonly capture: Capture;
}

/** The recipe of the active layer; undefined when it is not the result of an edit. */
export async function activeRecipe(port: PhotoshopPort): Promise<Recipe | undefined> {
  const document = port.activeDocument();
  const layer = document && port.activeLayers(document.id)[0];
  return layer && recipeOfLayer(port, document, layer);
}

/**
 * Finds how the active layer was made and captures the layer it was made from.
 * @throws LayerError `no_document`, `no_layer`, `no_recipe`, `source_gone`, or a refusal of `captureLayer`; HostError.
 */
export async function captureAgain(port: PhotoshopPort, options: Pick<CaptureOptions, 'limits'> = {}): Promise<ReEdit> {
  const document = port.activeDocument();
  if (document === undefined) throw new LayerError('no_document', words.noDocument);
  const result = port.activeLayers(document.id)[0];
  if (result === undefined) throw new LayerError('no_layer', words.noLayer);
  const recipe = await recipeOfLayer(port, document, result);
  if (recipe === undefined) throw new LayerError('no_recipe', words.noRecipe(result.name));
  const source = port.layer(document.id, recipe.sourceId) ?? port.layersNamed(document.id, recipe.sourceName)[0];
  if (source === undefined) throw new LayerError('source_gone', words.sourceGone(recipe.sourceName));
  // What was selected then is not known any more, and what is selected now was meant for something else.
  const capture = await captureLayer(port, { ...options, layerId: source.id, withinSelection: false });
  return { resultLayerId: result.id, recipe, capture };
}

async function recipeOfLayer(
  port: PhotoshopPort,
  document: DocumentFacts,
  layer: LayerFacts,
): Promise<Recipe | undefined> {
  const xmp = await port.modal(words.readingRecipe, (scope) => scope.readXmp(document.id));
  return recipeOf(readRecipes(xmp), layer);
}
