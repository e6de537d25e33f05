/**
 * The panel without its widgets: follows the active layer, lets the preview follow the recipe, applies, and keeps the history.
 *
 * Photoshop is modal only while a layer is read or written. Everything that happens meanwhile is looked at when the result comes;
 * the task goes on when another layer is selected. What a person can do something about becomes a notice, the rest is a bug
 * and rejects.
 */
import {
  emptyRecipe,
  History,
  isQuiet,
  isSameRecipe,
  explainFailure,
  parseRecipe,
  recipeTitle,
  serializeRecipe,
  RecipeError,
  Subject,
  targetText,
  type ChangeKind,
  type Connection,
  type EditedImage,
  type HistoryEntry,
  type Observable,
  type Platform,
  type Recipe,
  type RecipeChange,
} from '@deltaspace/plugin-core';
import { ProtocolError } from '@deltaspace/shared-protocol';
import type { PhotoshopPort } from '../../host/photoshop-port.js';
import { recordEdit } from '../../layer/actions.js';
import { commitEdit, placeEdit, type CommitRequest } from '../../layer/commit.js';
import { LayerError } from '../../layer/layer-error.js';
import { words } from '../../words.js';
import { failureWords } from './daemon-edit.js';
import { LayerEditor } from './layer-editor.js';
import type { ApplyTask, Notice, PanelState } from './panel-state.js';
import { pictureOf, reducePicture } from './pictures.js';
import { isSameLayer, isUnchanged, TargetFinder, type Target } from './target.js';

const noSubjects: PanelState['subjects'] = [];

export const panelLimits = {
  /** Time after the last notification before the active layer is looked at, in milliseconds. */
  followMs: 120,
  /** Longer side of thumbnails in the history, in pixels. */
  thumbnailSidePx: 96,
} as const;

export interface PanelModelParts {
  readonly port: PhotoshopPort;
  readonly platform: Platform;
  readonly connection: Connection;
}

/** A result that is computed and has no place yet. */
interface Pending {
  readonly request: CommitRequest;
  readonly recipe: Recipe;
  readonly edit: EditedImage;
}

export class PanelModel {
  readonly #parts: PanelModelParts;
  readonly #finder: TargetFinder;
  readonly #state: Subject<PanelState>;
  readonly history: History;
  #editor: LayerEditor | undefined;
  /** The editor whose result is being applied. */
  #applying: LayerEditor | undefined;
  #isCancelled = false;
  #pending: Pending | undefined;
  #lastRecipe: string | undefined;
  #stopTimer: (() => void) | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(parts: PanelModelParts) {
    this.#parts = parts;
    this.#finder = new TargetFinder(parts.port);
    this.history = new History(parts.platform);
    this.#state = new Subject<PanelState>({
      connection: parts.connection.state.value,
      pack: undefined,
      target: { kind: 'none', text: words.nothingSelected },
      recipe: emptyRecipe,
      session: undefined,
      isReading: false,
      original: undefined,
      subjects: [],
      subject: 0,
      showsHeatmap: false,
      task: undefined,
      notice: undefined,
    });
    parts.connection.state.subscribe((connection) => this.#update({ connection }));
  }

  get state(): Observable<PanelState> {
    return this.#state;
  }

  /** The recipe of the newest edit that was applied, as text. */
  get lastRecipe(): string | undefined {
    return this.#lastRecipe;
  }

  /** Begins to follow the active layer. */
  async start(): Promise<void> {
    await this.#parts.port.watch(() => this.#followSoon());
    await this.follow();
  }

  /** Looks at the active layer now. Looks come one after another. */
  follow(): Promise<void> {
    return this.#follow(false);
  }

  /** Changes the recipe; the preview follows as far as there is a layer and a daemon. */
  change(change: RecipeChange, kind: ChangeKind = 'done'): void {
    const merged = { ...this.#state.value.recipe, ...change };
    const recipe = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined)) as Recipe;
    this.#update({ recipe, notice: undefined });
    const session = this.#editor?.openSession;
    if (session !== undefined) session.change(wholeOf(recipe), kind);
    else if (targetText(recipe.texts) !== undefined) this.preview();
  }

  /** Captures the layer if need be and asks for a preview. Nothing happens without a layer or a connection. */
  preview(): void {
    const editor = this.#editor;
    const { connection } = this.#state.value;
    // Capturing again would end the session whose result is being applied.
    const isFree = editor !== undefined && editor !== this.#applying && !editor.isReading;
    if (!isFree || connection.kind !== 'connected') return;
    this.#show(editor.open());
  }

  /** @param index into the state's `subjects`. */
  chooseSubject(index: number): void {
    if (this.#editor !== undefined && this.#applying !== this.#editor) this.#show(this.#editor.chooseSubject(index));
  }

  showHeatmap(isShown: boolean): void {
    this.#update({ showsHeatmap: isShown });
    this.#editor?.openSession?.showHeatmap(isShown);
  }

  /** The recipe of an earlier edit for the layer that is selected now. */
  restore({ recipe }: HistoryEntry): void {
    this.change(wholeOf(recipe));
  }

  /** Makes the edit at full size and writes it into the document. Does nothing while it does so already. */
  async apply(): Promise<void> {
    const editor = this.#editor;
    if (editor === undefined || this.#applying !== undefined) return;
    this.#applying = editor;
    this.#isCancelled = false;
    this.#pending = undefined;
    this.#update({ notice: undefined });
    this.#setTask(editor, 'reading');
    try {
      await this.#applyOf(editor);
    } catch (error) {
      this.#tellError(error);
    } finally {
      this.#applying = undefined;
      if (editor !== this.#editor) editor.close();
      else if (editor.openSession?.state.value.isPreviewStale === true) editor.openSession.preview();
      this.#update({ task: undefined });
    }
    await this.#follow(true);
  }

  /** Ends what is computed: the edit that is being applied, else the preview. What is being written is written. */
  cancel(): void {
    this.#isCancelled = true;
    (this.#applying ?? this.#editor)?.session?.cancel();
  }

  /** Places a result whose source is gone as a layer of its own. */
  async place(): Promise<void> {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    try {
      const { notes } = await placeEdit(this.#parts.port, pending.request);
      await this.#finish(pending, notes, words.applied(pending.request.name));
    } catch (error) {
      this.#tellError(error);
    }
    await this.#follow(true);
  }

  dismiss(): void {
    this.#pending = undefined;
    this.#update({ notice: undefined });
  }

  tell(notice: Notice): void {
    this.#update({ notice });
  }

  async #applyOf(editor: LayerEditor): Promise<void> {
    const session = await editor.open();
    const capture = editor.capture!;
    if (this.#isCancelled) return;
    // What was changed while an earlier edit was being applied.
    const wanted = this.#state.value.recipe;
    if (editor === this.#editor && !isSameRecipe(session.state.value.recipe, wanted)) session.change(wholeOf(wanted));
    const unsubscribe = session.state.subscribe(() => this.#setTask(editor, 'editing'));
    const { recipe } = session.state.value;
    const edit = await session.render().finally(unsubscribe);
    this.#setTask(editor, 'writing');
    const { replaceLayerId } = editor;
    const pending: Pending = {
      edit,
      recipe,
      request: {
        capture,
        edited: edit.image.bytes,
        name: recipeTitle(recipe, edit.strength),
        recipe: serializeRecipe(recipe),
        ...(replaceLayerId === undefined ? {} : { replaceLayerId }),
      },
    };
    await this.#commit(pending);
  }

  async #commit(pending: Pending): Promise<void> {
    const { request } = pending;
    try {
      const { notes } = await commitEdit(this.#parts.port, request);
      const say = request.replaceLayerId === undefined ? words.applied : words.replaced;
      await this.#finish(pending, notes, say(request.name));
    } catch (error) {
      if (!(error instanceof LayerError) || !error.canPlace) throw error;
      this.#pending = pending;
      this.#update({ notice: { tone: 'problem', text: error.message, action: 'place' } });
    }
  }

  async #finish({ request, recipe, edit }: Pending, notes: readonly string[], text: string): Promise<void> {
    const { capture } = request;
    this.#finder.forget(capture.document.id);
    this.#lastRecipe = request.recipe;
    const thumbnail = reducePicture(pictureOf(edit.image), panelLimits.thumbnailSidePx);
    this.history.add({
      recipe,
      origin: {
        layerId: String(capture.layer.id),
        layerName: capture.layer.name,
        documentId: String(capture.document.id),
      },
      thumbnail: { bytes: thumbnail.rgba, width: thumbnail.widthPx, height: thumbnail.heightPx, encoding: 'rgba8' },
    });
    this.#update({ notice: { tone: 'info', text: [text, ...notes].join(' ') } });
    // A layer that replaced another one is recorded like a new one: played back, there is nothing to replace.
    // Photoshop does not say what it does when no action is being recorded; an edit that was written must not look as if it failed.
    await recordEdit(this.#parts.port, request.name, request.recipe).catch(() => undefined);
  }

  /** @param keepsNotice whether what was said is about the layer that comes: a result that was just made. */
  #follow(keepsNotice: boolean): Promise<void> {
    this.#looking = this.#looking.then(async () => this.#take(await this.#finder.look(), keepsNotice));
    return this.#looking;
  }

  #take(target: Target, keepsNotice: boolean): void {
    const { target: before } = this.#state.value;
    const isSame = isSameLayer(before, target);
    if (isSame && before.kind === 'layer' && target.kind === 'layer') {
      if (!isUnchanged(before, target)) this.#editor?.markStale();
      // A layer may turn out to be a result only now, once the recipes could be read.
      if ((before.result === undefined) === (target.result === undefined)) return this.#update({ target });
    }
    if (this.#editor !== this.#applying) this.#editor?.close();
    const recipe = (target.kind === 'layer' && recipeIn(target.result?.edit)) || this.#state.value.recipe;
    this.#editor = target.kind === 'layer' ? this.#editorOf(target) : undefined;
    const { notice } = this.#state.value;
    const isOver = notice?.tone === 'info' && !keepsNotice;
    this.#update({ target, recipe, ...(isOver ? { notice: undefined } : {}) });
  }

  #editorOf(target: Extract<Target, { kind: 'layer' }>): LayerEditor {
    const editor: LayerEditor = new LayerEditor({
      ...this.#parts,
      target,
      recipe: () => this.#state.value.recipe,
      onChange: () => {
        if (editor === this.#editor) this.#update({});
      },
    });
    return editor;
  }

  #show(opening: Promise<unknown>): void {
    opening.then(
      () => {
        const session = this.#editor?.openSession;
        if (session === undefined) return;
        session.showHeatmap(this.#state.value.showsHeatmap);
        session.preview();
      },
      (error: unknown) => this.#tellError(error),
    );
  }

  #followSoon(): void {
    this.#stopTimer?.();
    this.#stopTimer = this.#parts.platform.after(panelLimits.followMs, () => void this.follow());
  }

  #setTask(editor: LayerEditor, stage: ApplyTask['stage']): void {
    if (this.#applying !== editor) return;
    const activity = stage === 'editing' ? editor.session?.state.value.activity : undefined;
    this.#update({ task: { layerName: editor.target.layer.name, stage, activity } });
  }

  #tellError(error: unknown): void {
    if (error instanceof ProtocolError && isQuiet(explainFailure(error))) return;
    const text = failureWords(error);
    if (text === undefined) throw error;
    this.#update({ notice: { tone: 'problem', text } });
  }

  /** Sets members of the state, and those that follow from the editor. */
  #update(change: Partial<PanelState>): void {
    const state = { ...this.#state.value, ...change };
    const editor = this.#editor;
    const packs = state.connection.kind === 'connected' ? state.connection.packs : [];
    const wanted = state.recipe.pack;
    this.#state.set({
      ...state,
      pack: packs.find(({ id }) => id === (wanted ?? (packs.length === 1 ? id : 'avatars'))) ?? packs[0],
      session: editor?.session?.state.value,
      isReading: editor?.isReading === true,
      original: editor?.original,
      subjects: editor?.subjects ?? noSubjects,
      subject: editor?.subject ?? 0,
    });
  }
}

/** All members of a recipe: what one leaves out goes back to the default. */
function wholeOf({ texts, source, strength, threshold, method, pack }: Recipe): RecipeChange {
  return { texts, source, strength, threshold, method, pack };
}

/** The recipe in a document, when this version can read it. */
function recipeIn(text: string | undefined): Recipe | undefined {
  if (text === undefined) return undefined;
  try {
    return parseRecipe(text);
  } catch (error) {
    if (error instanceof RecipeError) return undefined;
    throw error;
  }
}
