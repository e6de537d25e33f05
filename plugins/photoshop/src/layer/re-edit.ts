/**
 * Editing a result again: from a result layer back to the layer it was made from and to what made it.
 */
import type { DocumentFacts, LayerFacts, PhotoshopPort } from '../host/photoshop-port.js';
import { words } from '../words.js';
import { intersect, isEmpty, moved } from './bounds.js';
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
 * Finds how the active layer, or the one that the options name, was made, and captures the layer it was made from.
 * @throws LayerError `no_document`, `document_closed`, `no_layer`, `no_recipe`, `source_gone`, or a refusal of `captureLayer`; HostError.
 */
export async function captureAgain(
  port: PhotoshopPort,
  options: Pick<CaptureOptions, 'limits' | 'document' | 'layerId'> = {},
): Promise<ReEdit> {
  const { document: named, layerId, ...others } = options;
  const document = named === undefined ? port.activeDocument() : port.document(named.id);
  if (document === undefined) {
    if (named === undefined) throw new LayerError('no_document', words.noDocument);
    throw new LayerError('document_closed', words.documentClosed(named.name));
  }
  const result = layerId === undefined ? port.activeLayers(document.id)[0] : port.layer(document.id, layerId);
  if (result === undefined) throw new LayerError('no_layer', words.noLayer);
  const recipe = await recipeOfLayer(port, document, result);
  if (recipe === undefined) throw new LayerError('no_recipe', words.noRecipe(result.name));
  const source = port.layer(document.id, recipe.sourceId) ?? port.layersNamed(document.id, recipe.sourceName)[0];
  if (source === undefined) throw new LayerError('source_gone', words.sourceGone(recipe.sourceName));
  // How softly it was selected then is not known any more, and what is selected now was meant for something else.
  const capture = await captureLayer(port, {
    ...others,
    ...withinOf(recipe, source),
    document,
    layerId: source.id,
    withinSelection: false,
  });
  return { resultLayerId: result.id, recipe, capture };
}

/** The part that was read then, where the source is now; all of it when they do not meet any more. */
function withinOf({ area }: Recipe, source: LayerFacts): Pick<CaptureOptions, 'within'> {
  if (area === undefined) return {};
  const within = moved(area, source.bounds.left, source.bounds.top);
  return isEmpty(intersect(within, source.bounds)) ? {} : { within };
}

/** All recipes of a document. @throws HostError. */
export async function documentRecipes(port: PhotoshopPort, documentId: number): Promise<readonly Recipe[]> {
  return readRecipes(await port.modal(words.readingRecipe, (scope) => scope.readXmp(documentId)));
}

async function recipeOfLayer(
  port: PhotoshopPort,
  document: DocumentFacts,
  layer: LayerFacts,
): Promise<Recipe | undefined> {
  return recipeOf(await documentRecipes(port, document.id), layer);
}
