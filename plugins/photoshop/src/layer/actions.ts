/**
 * Edits in Photoshop's actions: an edit is recorded as a step with its recipe, and playing the step does it again on
 * whatever layer is active then, also in File > Automate > Batch. An edit of one of several subjects is recorded with its place, as
 * shares of the layer, and played at that place; a selection is not recorded: the one that is there then limits the edit.
 *
 * What computes the edit is injected: this folder knows neither daemon nor network. During playback Photoshop is modal from
 * beginning to end; there is nobody who could go on working meanwhile.
 */
import type { Bounds, PhotoshopPort } from '../host/photoshop-port.js';
import { words } from '../words.js';
import { intersect, shareOf } from './bounds.js';
import { captureLayer, type Capture } from './capture.js';
import { commitEdit, type CommitResult } from './commit.js';
import { LayerError } from './layer-error.js';
import { recipeLimits } from './recipe-store.js';

/** Computes an edit: asks the daemon to do to `capture.rgba` what the recipe says. */
export type EditFunction = (capture: Capture, recipe: string) => Promise<{ edited: Uint8Array; name: string }>;

/** The longest text of a place in a recorded step: four numbers. */
const shareCharacters = 128;

/** Global function by which recorded steps call us. Recorded actions hold it: never rename it. */
export const replayMethodName = 'deltaspaceReplayEdit';

/**
 * Captures, has the edit computed and commits it: never modal in between, unless a recorded step is being played.
 * @param share of the layer to edit, 0..1 of its sides; left out, all of it.
 */
export async function runEdit(
  port: PhotoshopPort,
  edit: EditFunction,
  recipe: string,
  share?: Bounds,
): Promise<CommitResult> {
  const capture = await captureLayer(port, share === undefined ? {} : { share });
  const { edited, name } = await edit(capture, recipe);
  return commitEdit(port, { capture, edited, name, recipe });
}

/**
 * Makes recorded edits playable. Called once, when the plugin starts.
 * @param onWritten called after each edit that was played.
 */
export function enableReplay(port: PhotoshopPort, edit: EditFunction, onWritten?: () => void): void {
  port.onReplay(replayMethodName, async ({ recipe, share }) => {
    if (recipe === undefined || recipe === '' || recipe.length > recipeLimits.editCharacters) {
      throw new LayerError('recipe_unreadable', words.recipeUnreadable);
    }
    await runEdit(port, edit, recipe, share === undefined ? undefined : parseShare(share));
    onWritten?.();
  });
}

/**
 * Adds an edit that was just committed to the action that is being recorded, if one is.
 * @param capture what was edited: says where in the layer it was, unless that was all of it.
 */
export function recordEdit(
  port: PhotoshopPort,
  name: string,
  recipe: string,
  capture?: Pick<Capture, 'layer' | 'within'>,
): Promise<void> {
  const share = capture?.within && shareOf(intersect(capture.within, capture.layer.bounds), capture.layer.bounds);
  return port.recordStep(words.recordedStep(name), replayMethodName, {
    recipe,
    ...(share === undefined ? {} : { share: sharesText(share) }),
  });
}

/** Left, top, right and bottom, as a step of an action holds them. */
const sharesText = ({ left, top, right, bottom }: Bounds): string => JSON.stringify([left, top, right, bottom]);

/** Actions are files: what a step holds may come from anyone. */
function parseShare(text: string): Bounds {
  const refusal = new LayerError('recipe_unreadable', words.recipeUnreadable);
  if (text.length > shareCharacters) throw refusal;
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch {
    throw refusal;
  }
  const isShare = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 1;
  if (!Array.isArray(values) || values.length !== 4 || !values.every(isShare)) throw refusal;
  const [left, top, right, bottom] = values as [number, number, number, number];
  if (left >= right || top >= bottom) throw refusal;
  return { left, top, right, bottom };
}
