/**
 * Edits in Photoshop's actions: an edit is recorded as a step with its recipe, and playing the step does it again on
 * whatever layer is active then, also in File > Automate > Batch.
 *
 * What computes the edit is injected: this folder knows neither daemon nor network. During playback Photoshop is modal from
 * beginning to end; there is nobody who could go on working meanwhile.
 */
import type { PhotoshopPort } from '../host/photoshop-port.js';
import { words } from '../words.js';
import { captureLayer, type Capture } from './capture.js';
import { commitEdit, type CommitResult } from './commit.js';
import { LayerError } from './layer-error.js';
import { recipeLimits } from './recipe-store.js';

/** Computes an edit: asks the daemon to do to `capture.rgba` what the recipe says. */
export type EditFunction = (capture: Capture, recipe: string) => Promise<{ edited: Uint8Array; name: string }>;

/** Global function by which recorded steps call us. Recorded actions hold it: never rename it. */
export const replayMethodName = 'deltaspaceReplayEdit';

/** Captures, has the edit computed and commits it: never modal in between, unless a recorded step is being played. */
export async function runEdit(port: PhotoshopPort, edit: EditFunction, recipe: string): Promise<CommitResult> {
  const capture = await captureLayer(port);
  const { edited, name } = await edit(capture, recipe);
  return commitEdit(port, { capture, edited, name, recipe });
}

/** Makes recorded edits playable. Called once, when the plugin starts. */
export function enableReplay(port: PhotoshopPort, edit: EditFunction): void {
  port.onReplay(replayMethodName, async ({ recipe }) => {
    if (recipe === undefined || recipe === '' || recipe.length > recipeLimits.editCharacters) {
      throw new LayerError('recipe_unreadable', words.recipeUnreadable);
    }
    await runEdit(port, edit, recipe);
  });
}

/** Adds an edit that was just committed to the action that is being recorded, if one is. */
export function recordEdit(port: PhotoshopPort, name: string, recipe: string): Promise<void> {
  return port.recordStep(words.recordedStep(name), replayMethodName, { recipe });
}
