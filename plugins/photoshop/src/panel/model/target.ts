/**
 * What the panel is about: the active layer, or why there is none to edit; and whether an edit of ours made it.
 *
 * Looking reads no pixels. Recipes lie in the document's metadata, whose reading needs a short modal scope: it is done once per
 * document, not at every click on a layer.
 */
import type { Bounds, DocumentFacts, LayerFacts, PhotoshopPort } from '../../host/photoshop-port.js';
import { findTarget } from '../../layer/capture.js';
import { LayerError } from '../../layer/layer-error.js';
import { documentRecipes } from '../../layer/re-edit.js';
import { recipeOf, type Recipe as StoredRecipe } from '../../layer/recipe-store.js';
import { HostError } from '../../host/host-error.js';

export type Target =
  | { readonly kind: 'none'; readonly text: string }
  | {
      readonly kind: 'layer';
      readonly document: DocumentFacts;
      readonly layer: LayerFacts;
      readonly selection: Bounds | undefined;
      /** What an edit would read, in document pixels. */
      readonly bounds: Bounds;
      /** How the layer was made, when an edit of this document made it. */
      readonly result: StoredRecipe | undefined;
    };

export type LayerTarget = Extract<Target, { kind: 'layer' }>;

/** Whether two targets are the same layer, whatever has been painted on it meanwhile. */
export const isSameLayer = (one: Target, other: Target): boolean =>
  one.kind === 'layer' &&
  other.kind === 'layer' &&
  one.document.id === other.document.id &&
  one.layer.id === other.layer.id;

/** Whether nothing was changed between two looks at the same layer: neither pixels nor selection. */
export const isUnchanged = (one: LayerTarget, other: LayerTarget): boolean =>
  one.document.historyStateId === other.document.historyStateId &&
  JSON.stringify(one.selection) === JSON.stringify(other.selection);

/** Whether what is active now is still the target: a layer that was chosen, or painted on, is heard of a little later. */
export function isCurrent(port: PhotoshopPort, target: Target): boolean {
  if (target.kind === 'none') return false;
  const document = port.activeDocument();
  if (document?.id !== target.document.id || document.historyStateId !== target.document.historyStateId) return false;
  const layers = port.activeLayers(document.id);
  return layers.length === 1 && layers[0]!.id === target.layer.id;
}

export class TargetFinder {
  readonly #port: PhotoshopPort;
  readonly #recipes = new Map<number, readonly StoredRecipe[]>();

  constructor(port: PhotoshopPort) {
    this.#port = port;
  }

  /** The target as it is now. */
  async look(): Promise<Target> {
    const document = this.#port.activeDocument();
    if (document !== undefined) await this.#load(document.id);
    try {
      const found = findTarget(this.#port);
      const result = recipeOf(this.#recipes.get(found.document.id) ?? [], found.layer);
      return { kind: 'layer', ...found, result };
    } catch (error) {
      if (!(error instanceof LayerError)) throw error;
      return { kind: 'none', text: error.message };
    }
  }

  /** The document's metadata has changed: the next look reads it again. */
  forget(documentId: number): void {
    this.#recipes.delete(documentId);
  }

  async #load(documentId: number): Promise<void> {
    if (this.#recipes.has(documentId)) return;
    try {
      this.#recipes.set(documentId, await documentRecipes(this.#port, documentId));
    } catch (error) {
      // While Photoshop is busy nobody looks at recipes; the next look tries again.
      if (!(error instanceof HostError)) throw error;
    }
  }
}
