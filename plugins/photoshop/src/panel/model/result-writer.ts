/**
 * Finished edits on their way into the document, and what is kept of them: the history, the newest recipe, a step of the action that
 * is being recorded. A result whose source is gone meanwhile waits until somebody wants it placed.
 */
import { recipeTitle, serializeRecipe, type EditedImage, type History, type Recipe } from '@deltaspace/plugin-core';
import type { PhotoshopPort } from '../../host/photoshop-port.js';
import { recordEdit } from '../../layer/actions.js';
import type { Capture } from '../../layer/capture.js';
import { commitEdit, placeEdit, type CommitRequest } from '../../layer/commit.js';
import { LayerError } from '../../layer/layer-error.js';
import { words } from '../../words.js';
import type { Notice } from './panel-state.js';
import { pictureOf, reducePicture } from './pictures.js';

/** Longer side of thumbnails in the history, in pixels: twice what is shown. */
const thumbnailSidePx = 96;

/** What the daemon made of a captured layer. */
export interface FinishedEdit {
  readonly capture: Capture;
  readonly recipe: Recipe;
  readonly edit: EditedImage;
  /** The layer whose contents it replaces; undefined for a new layer. */
  readonly replaceLayerId: number | undefined;
}

export class ResultWriter {
  readonly #port: PhotoshopPort;
  readonly #history: History;
  #waiting: FinishedEdit | undefined;
  #lastRecipe: string | undefined;

  constructor(port: PhotoshopPort, history: History) {
    this.#port = port;
    this.#history = history;
  }

  /** The recipe of the newest edit that was written, as text. */
  get lastRecipe(): string | undefined {
    return this.#lastRecipe;
  }

  /**
   * Writes an edit above its source, or says that the source is gone and waits for `place`.
   * @throws LayerError, HostError as `commitEdit`; nothing is written then.
   */
  async write(finished: FinishedEdit): Promise<Notice> {
    this.#waiting = undefined;
    const request = requestOf(finished);
    try {
      const { notes } = await commitEdit(this.#port, request);
      const say = request.replaceLayerId === undefined ? words.applied : words.replaced;
      return await this.#keep(finished, request, [say(request.name), ...notes]);
    } catch (error) {
      if (!(error instanceof LayerError) || !error.canPlace) throw error;
      this.#waiting = finished;
      return { tone: 'problem', text: error.message, action: 'place' };
    }
  }

  /**
   * Places the result that waits as a layer of its own; undefined when none does.
   * @throws LayerError, HostError as `placeEdit`.
   */
  async place(): Promise<Notice | undefined> {
    const finished = this.#waiting;
    if (finished === undefined) return undefined;
    this.#waiting = undefined;
    const request = requestOf(finished);
    const { notes } = await placeEdit(this.#port, request);
    return this.#keep(finished, request, [words.applied(request.name), ...notes]);
  }

  /** Drops the result that waits. */
  drop(): void {
    this.#waiting = undefined;
  }

  async #keep(
    { capture, recipe, edit }: FinishedEdit,
    request: CommitRequest,
    texts: readonly string[],
  ): Promise<Notice> {
    this.#lastRecipe = request.recipe;
    const { rgba, widthPx, heightPx } = reducePicture(pictureOf(edit.image), thumbnailSidePx);
    const [layerId, documentId] = [String(capture.layer.id), String(capture.document.id)];
    this.#history.add({
      recipe,
      origin: { layerId, layerName: capture.layer.name, documentId },
      thumbnail: { bytes: rgba, width: widthPx, height: heightPx, encoding: 'rgba8' },
    });
    // A layer that replaced another one is recorded like a new one: played back, there is nothing to replace.
    // Photoshop does not say what it does when no action is being recorded; an edit that was written must not look as if it failed.
    await recordEdit(this.#port, request.name, request.recipe, capture).catch(() => undefined);
    return { tone: 'info', text: texts.join(' ') };
  }
}

function requestOf({ capture, recipe, edit, replaceLayerId }: FinishedEdit): CommitRequest {
  return {
    capture,
    edited: edit.image.bytes,
    name: recipeTitle(recipe, edit.strength),
    recipe: serializeRecipe(recipe),
    ...(replaceLayerId === undefined ? {} : { replaceLayerId }),
  };
}
