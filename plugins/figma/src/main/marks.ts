/**
 * What we leave on a layer, in Figma's plugin data: the recipe of its edit, and where its picture came from.
 *
 * The origin is only good as long as the layer shows the image that we applied (`appliedHash`): when the user replaces it, the layer
 * counts as never edited. Copies of a layer take the marks along. Data that cannot be read is as good as none.
 */
import { bridgeLimits, isJson, utf8Bytes, type Recipe } from '../bridge/index.js';
import { MainFailure } from './failure.js';
import { imageFillOf } from './paints.js';
import { words } from './words.js';

const recipeKey = 'recipe';
const originKey = 'origin';

/** Where the picture of a layer came from. */
export type Origin =
  /** The layer's own image was replaced. */
  | { readonly kind: 'fill'; readonly imageHash: string; readonly appliedHash: string }
  /** A picture of a board that no recipe makes: what it shows is where edits of it start. */
  | { readonly kind: 'board'; readonly appliedHash: string }
  /** The layer is a picture of another one: laid over it, or a cell of a board. */
  | { readonly kind: 'copy'; readonly sourceId: string; readonly appliedHash: string; readonly isOverlay: boolean };

/** Recipe as it will be stored. Fails with `recipe_too_large`, to be called before anything is changed. */
export function encodeRecipe(recipe: Recipe): string {
  const text = JSON.stringify(recipe);
  if (utf8Bytes(text) > bridgeLimits.recipeBytes) throw new MainFailure('recipe_too_large');
  return text;
}

/** Marks a layer as edited: recipe, origin and the buttons in the properties panel. */
export function mark(node: SceneNode, recipeText: string, origin: Origin): void {
  node.setPluginData(recipeKey, recipeText);
  node.setPluginData(originKey, JSON.stringify(origin));
  node.setRelaunchData({ ...words.relaunch });
}

/** Marks a picture of a board that cannot be edited again as it was made. Another board can be made of it. */
export function markBoardPicture(node: SceneNode, appliedHash: string): void {
  const origin: Origin = { kind: 'board', appliedHash };
  node.setPluginData(originKey, JSON.stringify(origin));
  node.setRelaunchData({ variations: words.relaunch.variations });
}

/** What of a layer `unmark` and `mark` change, to put it back. */
export interface Marks {
  readonly recipeText: string;
  readonly originText: string;
}

export const marksOf = (node: SceneNode): Marks => ({
  recipeText: node.getPluginData(recipeKey),
  originText: node.getPluginData(originKey),
});

/** Puts marks back as they were; the buttons stay where there is a recipe. */
export function putMarks(node: SceneNode, { recipeText, originText }: Marks): void {
  node.setPluginData(recipeKey, recipeText);
  node.setPluginData(originKey, originText);
  node.setRelaunchData(recipeText === '' ? {} : { ...words.relaunch });
}

/** Takes our marks off a layer. */
export const unmark = (node: SceneNode): void => putMarks(node, { recipeText: '', originText: '' });

/** The recipe on a layer, or null. */
export function recipeOf(node: SceneNode): Recipe | null {
  const value = parse(node.getPluginData(recipeKey));
  return isRecord(value) && isJson(value) ? value : null;
}

/** Where the picture of a layer came from, or null when it is its own. */
export function originOf(node: SceneNode): Origin | null {
  const value = parse(node.getPluginData(originKey));
  if (!isRecord(value)) return null;
  const { kind, imageHash, sourceId, appliedHash, isOverlay } = value;
  if (typeof appliedHash !== 'string' || imageFillOf(node)?.paint.imageHash !== appliedHash) return null;
  if (kind === 'board') return { kind, appliedHash };
  if (kind === 'fill' && typeof imageHash === 'string') return { kind, imageHash, appliedHash };
  if (kind === 'copy' && typeof sourceId === 'string')
    return { kind, sourceId, appliedHash, isOverlay: isOverlay === true };
  return null;
}

/** Whether `restore` has something to bring back. A cell of a board has nothing under it. */
export function canRestore(origin: Origin | null): boolean {
  return origin?.kind === 'fill' || (origin?.kind === 'copy' && origin.isOverlay);
}

function parse(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null; // written by someone else, or cut: the layer then has no mark
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
