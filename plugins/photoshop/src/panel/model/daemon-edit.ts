/**
 * An edit from beginning to end without anybody looking: for recorded actions and for "Repeat last edit". Works while the
 * panel is closed; the connection is the plugin's, not the panel's.
 */
import {
  EditSession,
  explainFailure,
  parseRecipe,
  RecipeError,
  recipeTitle,
  type Connection,
  type Platform,
} from '@deltaspace/plugin-core';
import { ProtocolError } from '@deltaspace/shared-protocol';
import type { EditFunction } from '../../layer/actions.js';
import { wordsFor } from '../../layer/layer-error.js';
import { previewSidePx } from './layer-editor.js';

export function createDaemonEdit(connection: Connection, platform: Platform): EditFunction {
  return async (capture, recipeText) => {
    const { rgba, size, layer } = capture;
    const session = new EditSession({
      link: connection,
      platform,
      layer: {
        id: String(layer.id),
        name: layer.name,
        pixels: { encoding: 'rgba8', bytes: rgba, width: size.widthPx, height: size.heightPx },
      },
      encoding: 'rgba8',
      previewSide: previewSidePx,
      recipe: parseRecipe(recipeText),
    });
    try {
      const { image, strength } = await session.render();
      return { edited: image.bytes, name: recipeTitle(session.state.value.recipe, strength) };
    } finally {
      session.close();
    }
  };
}

/** The same edit, which fails with words: Photoshop shows the message of a step that fails to whoever plays the action. */
export function sayingWhy(edit: EditFunction): EditFunction {
  return async (capture, recipe) => {
    try {
      return await edit(capture, recipe);
    } catch (error) {
      const words = failureWords(error);
      throw words === undefined ? error : new Error(words);
    }
  };
}

/** Words for whatever kept an edit from being made; undefined for a bug. */
export function failureWords(error: unknown): string | undefined {
  const words = wordsFor(error);
  if (words !== undefined) return words;
  if (error instanceof RecipeError) return `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.`;
  if (!(error instanceof ProtocolError)) return undefined;
  const { title, explanation } = explainFailure(error);
  return `${title}. ${explanation}`;
}
