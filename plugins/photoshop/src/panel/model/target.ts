/**
 * What the panel is about: the active layer, or why there is none to edit; and whether an edit of ours made it.
 *
 * Looking reads no pixels. Recipes lie in the document's metadata, whose reading needs a short modal scope: it is done once per
 * document and after undo, not at every click on a layer.
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

interface ReadRecipes {
  readonly recipes: readonly StoredRecipe[];
  /** The state of the history at the last look, and the newest one of all looks. */
  stateId: number;
  newestStateId: number;
}

export class TargetFinder {
  readonly #port: PhotoshopPort;
  readonly #read = new Map<number, ReadRecipes>();

  constructor(port: PhotoshopPort) {
    this.#port = port;
  }

  /** The target as it is now. */
  async look(): Promise<Target> {
    const document = this.#port.activeDocument();
    for (const id of this.#read.keys()) if (this.#port.document(id) === undefined) this.#read.delete(id);
    if (document !== undefined) await this.#load(document);
    try {
      const found = findTarget(this.#port);
      const result = recipeOf(this.#read.get(found.document.id)?.recipes ?? [], found.layer);
      return { kind: 'layer', ...found, result };
    } catch (error) {
      if (!(error instanceof LayerError)) throw error;
      return { kind: 'none', text: error.message };
    }
  }

  /** Recipes were written: the next look reads metadata again. */
  forget(): void {
    this.#read.clear();
  }

  async #load({ id, historyStateId }: DocumentFacts): Promise<void> {
    const read = this.#read.get(id);
    // Ids of states grow: one that is not the newest, and was not the last, is an undo or a redo, of an edit perhaps.
    const isTravel = read !== undefined && historyStateId !== read.stateId && historyStateId <= read.newestStateId;
    if (read !== undefined && !isTravel) {
      read.stateId = historyStateId;
      read.newestStateId = Math.max(historyStateId, read.newestStateId);
      return;
    }
    try {
      const recipes = await documentRecipes(this.#port, id);
      const newestStateId = Math.max(historyStateId, read?.newestStateId ?? historyStateId);
      this.#read.set(id, { recipes, stateId: historyStateId, newestStateId });
    } catch (error) {
      // While Photoshop is busy nobody looks at recipes; the next look tries again.
      if (!(error instanceof HostError)) throw error;
    }
  }
}
