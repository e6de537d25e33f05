/**
 * The layer in hand: follows the selection, captures its first target, and keeps a session of the core for it.
 *
 * The recipe belongs to the panel, not to the layer: texts and sliders stay when another layer is selected, unless that layer has a
 * recipe of its own, which is then shown; not when what it was made from is gone, because the picture has it in it already. A session that is busy with a result survives a change of the selection and is
 * closed when it is done: an edit belongs to its layer.
 */
import {
  EditSession,
  emptyRecipe,
  explainFailure,
  Subject,
  type ChangeKind,
  type EditSessionOptions,
  type EditSessionState,
  type Failure,
  type Observable,
  type Recipe,
  type RecipeChange,
} from '@deltaspace/plugin-core';
import { type Selection, type Target } from '../../bridge/index.js';
import { type UiBridge } from '../ui-bridge.js';
import { capturePicture, isCut, type CapturedPicture } from './captured-picture.js';
import { fromStored } from './stored-recipe.js';

/** Longer side of previews, in pixels: twice the panel's width at its usual size, for dense screens. */
const previewSidePx = 640;

export type LayerState =
  | { readonly kind: 'none' }
  | { readonly kind: 'capturing'; readonly target: Target }
  | { readonly kind: 'ready'; readonly target: Target; readonly picture: CapturedPicture }
  | { readonly kind: 'failed'; readonly target: Target; readonly failure: Failure };

export interface EditorState {
  readonly layer: LayerState;
  readonly recipe: Recipe;
  /** Of the session of the layer in hand. */
  readonly edit: EditSessionState | undefined;
  readonly isHeatmapShown: boolean;
  /** What is to be known about the layer, in words. */
  readonly notes: readonly string[];
}

export type SessionOptions = Omit<EditSessionOptions, 'layer' | 'recipe'>;

export class LayerEditor {
  readonly #bridge: Pick<UiBridge, 'request'>;
  readonly #options: SessionOptions;
  readonly #state = new Subject<EditorState>({
    layer: { kind: 'none' },
    recipe: emptyRecipe,
    edit: undefined,
    isHeatmapShown: false,
    notes: [],
  });
  #session: EditSession | undefined;
  #stopFollowing: () => void = () => undefined;
  readonly #busy = new Set<EditSession>();
  #turn = 0;
  /** Whether the recipe of the panel stays when a layer brings one of its own. */
  isRecipeHeld = false;

  constructor(bridge: Pick<UiBridge, 'request'>, options: Omit<SessionOptions, 'encoding' | 'previewSide'>) {
    this.#bridge = bridge;
    this.#options = { ...options, encoding: 'png', previewSide: previewSidePx };
  }

  get state(): Observable<EditorState> {
    return this.#state;
  }

  get session(): EditSession | undefined {
    return this.#session;
  }

  get sessionOptions(): SessionOptions {
    return this.#options;
  }

  /** The selection changed, or something about its layers. */
  async follow({ targets }: Selection): Promise<void> {
    const [target] = targets;
    const { layer } = this.#state.value;
    if (target !== undefined && layer.kind !== 'none' && layer.kind !== 'failed' && layer.target.id === target.id) {
      if (layer.kind === 'ready') this.#setLayer({ ...layer, target, picture: { ...layer.picture, target } });
      return;
    }
    await this.open(target);
  }

  /** Captures a layer anew and begins to edit it. */
  async open(target: Target | undefined): Promise<void> {
    const turn = ++this.#turn;
    this.#closeSession();
    if (target === undefined) return this.#setLayer({ kind: 'none' });
    this.#setLayer({ kind: 'capturing', target });
    try {
      const [picture, stored] = await Promise.all([
        capturePicture(this.#bridge, target),
        target.hasRecipe ? this.#bridge.request('recipe', { targetId: target.id }) : { recipe: null },
      ]);
      if (turn !== this.#turn) return;
      const isOpened = stored.recipe !== null && picture.isOriginal && !this.isRecipeHeld;
      const reading = isOpened ? fromStored(stored.recipe) : undefined;
      if (reading?.ok === true) this.#update({ recipe: reading.recipe });
      this.#setLayer({ kind: 'ready', target, picture }, reading?.ok === false ? [reading.problem] : []);
      this.#openSession(picture);
    } catch (error) {
      if (turn === this.#turn) this.#setLayer({ kind: 'failed', target, failure: explainFailure(error) });
    }
  }

  /** Changes the recipe; the preview follows. */
  change(change: RecipeChange, kind: ChangeKind): void {
    this.setRecipe(merge(this.#state.value.recipe, change), kind);
  }

  /** Takes over a whole recipe, of a preset or of the history. */
  setRecipe(recipe: Recipe, kind: ChangeKind = 'done'): void {
    this.#update({ recipe });
    const { texts, source, strength, threshold, method, pack } = recipe;
    this.#session?.change({ texts, source, strength, threshold, method, pack }, kind);
  }

  /** Asks for the preview again: the daemon is back, or has loaded. */
  renewPreview(): void {
    if (this.#state.value.edit?.isPreviewStale !== false) this.#session?.preview();
  }

  showHeatmap(isHeatmapShown: boolean): void {
    this.#update({ isHeatmapShown });
    this.#session?.showHeatmap(isHeatmapShown);
  }

  /** Keeps a session open while something is made with it, whatever is selected meanwhile. */
  async whileBusy<Value>(session: EditSession, task: () => Promise<Value>): Promise<Value> {
    this.#busy.add(session);
    try {
      return await task();
    } finally {
      this.#busy.delete(session);
      if (session !== this.#session) session.close();
      else if (session.state.value.isPreviewStale) session.preview();
    }
  }

  #openSession(picture: CapturedPicture): void {
    const { recipe, isHeatmapShown } = this.#state.value;
    const session = new EditSession({ ...this.#options, layer: picture.layer, recipe });
    this.#session = session;
    this.#stopFollowing = session.state.subscribe((edit) => this.#update({ edit }));
    this.#update({ edit: session.state.value });
    session.showHeatmap(isHeatmapShown);
    session.preview();
  }

  #closeSession(): void {
    this.#stopFollowing();
    const session = this.#session;
    this.#session = undefined;
    this.#update({ edit: undefined });
    if (session !== undefined && !this.#busy.has(session)) session.close();
  }

  #setLayer(layer: LayerState, more: readonly string[] = []): void {
    this.#update({ layer, notes: layer.kind === 'ready' ? [...notesOf(layer.picture), ...more] : [] });
  }

  #update(change: Partial<EditorState>): void {
    this.#state.set({ ...this.#state.value, ...change });
  }
}

function notesOf(picture: CapturedPicture): string[] {
  const notes = picture.target.notes.map(({ message }) => message);
  if (picture.isScaled)
    notes.push(`Larger than Figma’s 4096 pixels: the result is ${picture.widthPx} × ${picture.heightPx}.`);
  if (isCut(picture)) notes.push('The whole image is edited, also what the layer cuts off.');
  if (!picture.isOriginal) notes.push('What this was made from is gone. Changes start from what is here.');
  else if (picture.target.hasRecipe) notes.push('Edited before. Changes start from the original.');
  return notes;
}

function merge(recipe: Recipe, change: RecipeChange): Recipe {
  const merged = { ...recipe, ...change };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined)) as Recipe;
}
