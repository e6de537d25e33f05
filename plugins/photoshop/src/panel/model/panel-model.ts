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
  RecipeError,
  Subject,
  targetText,
  type ChangeKind,
  type Connection,
  type HistoryEntry,
  type Observable,
  type Platform,
  type Recipe,
  type RecipeChange,
} from '@deltaspace/plugin-core';
import { ProtocolError } from '@deltaspace/shared-protocol';
import type { PhotoshopPort } from '../../host/photoshop-port.js';
import { words } from '../../words.js';
import { failureWords } from './daemon-edit.js';
import { LayerEditor } from './layer-editor.js';
import type { ApplyTask, Notice, PanelState } from './panel-state.js';
import { ResultWriter } from './result-writer.js';
import { isCurrent, isSameLayer, isUnchanged, TargetFinder, type Target } from './target.js';

const noSubjects: PanelState['subjects'] = [];

export const panelLimits = {
  /** Time after the last notification before the active layer is looked at, in milliseconds. */
  followMs: 120,
} as const;

export interface PanelModelParts {
  readonly port: PhotoshopPort;
  readonly platform: Platform;
  readonly connection: Connection;
}

export class PanelModel {
  readonly #parts: PanelModelParts;
  readonly #finder: TargetFinder;
  readonly #state: Subject<PanelState>;
  readonly history: History;
  readonly #writer: ResultWriter;
  #editor: LayerEditor | undefined;
  /** The editor whose result is being applied. */
  #applying: LayerEditor | undefined;
  #isCancelled = false;
  #stopTimer: (() => void) | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(parts: PanelModelParts) {
    this.#parts = parts;
    this.#finder = new TargetFinder(parts.port);
    this.history = new History(parts.platform);
    this.#writer = new ResultWriter(parts.port, this.history);
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
    return this.#writer.lastRecipe;
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

  /** An edit was written without the panel, by a command or a recorded action: Photoshop tells of nothing while it is modal. */
  wroteElsewhere(): void {
    this.#finder.forget();
    this.#followSoon();
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
    if (this.#isCurrent) this.#preview();
    else
      this.follow().then(
        () => this.#preview(),
        (error: unknown) => this.#tellError(error),
      );
  }

  /** Whether the panel is about the layer that is active now, and not about one that was a moment ago. */
  get #isCurrent(): boolean {
    return isCurrent(this.#parts.port, this.#state.value.target);
  }

  #preview(): void {
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
    if (this.#applying !== undefined) return;
    if (!this.#isCurrent) await this.follow().catch((error: unknown) => this.#tellError(error));
    const editor = this.#editor;
    if (editor === undefined || this.#applying !== undefined) return; // two clicks may have waited for the same look
    this.#applying = editor;
    this.#isCancelled = false;
    this.dismiss();
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
    try {
      const notice = await this.#writer.place();
      if (notice !== undefined) this.#update({ notice });
    } catch (error) {
      this.#tellError(error);
    }
    await this.#follow(true);
  }

  dismiss(): void {
    this.#writer.drop();
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
    const notice = await this.#writer.write({ capture, recipe, edit, replaceLayerId });
    this.#finder.forget();
    this.#update({ notice });
  }

  /** @param keepsNotice whether what was said is about the layer that comes: a result that was just made. */
  #follow(keepsNotice: boolean): Promise<void> {
    // A look that failed has told whoever asked for it.
    const before = this.#looking.catch(() => undefined);
    this.#looking = before.then(async () => this.#take(await this.#finder.look(), keepsNotice));
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
        if (session === undefined) {
          if (this.#editor?.session !== undefined) this.#preview(); // it was painted on while it was read
          return;
        }
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
    this.#update({ notice: { tone: 'problem', text: text ?? words.unexpected(String(error)) } });
    if (text === undefined) throw error;
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
