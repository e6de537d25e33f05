/**
 * All that the panel is, without a widget: connection, layer in hand, what runs, what came of it, and the commands of its
 * buttons. Views draw `state` and call the commands.
 *
 * One thing that changes the document runs at a time (`task` or `batch`); previews go on beside it.
 */
import {
  addText,
  Connection,
  explainFailure,
  History,
  isQuiet,
  recipeTitle,
  Subject,
  type ChangeKind,
  type EditSession,
  type HistoryEntry,
  type Observable,
  type Platform,
  type ReceivedImage,
  type Recipe,
} from '@deltaspace/plugin-core';
import { type Selection, type Target } from '../../bridge/index.js';
import { makeThumbnail } from '../dom/thumbnail.js';
import { BridgeError, type UiBridge } from '../ui-bridge.js';
import { BatchRun } from './batch-run.js';
import { makeBoard } from './board.js';
import { CancelledBoard, type BoardWish } from './board-wish.js';
import { capturePicture, type CapturedPicture } from './captured-picture.js';
import { LayerEditor } from './layer-editor.js';
import { applyView, isBusy, isReady, packOf, type Notice, type PanelState, type Task } from './panel-state.js';
import { Presets } from './presets.js';
import { toStored } from './stored-recipe.js';

/** A board as its form describes it, before further layers are captured. */
export type BoardOrder =
  | Extract<BoardWish, { kind: 'grid' | 'texts' }>
  | { readonly kind: 'layers'; readonly other: Target; readonly steps: number }
  | { readonly kind: 'mix'; readonly others: readonly Target[] };

export class Panel {
  readonly bridge: UiBridge;
  readonly platform: Platform;
  readonly connection: Connection;
  readonly history: History;
  readonly presets: Presets;
  readonly #editor: LayerEditor;
  readonly #state: Subject<PanelState>;
  #cancelTask: () => void = () => undefined;
  #batch: BatchRun | undefined;
  #isBatchStarting = false;

  constructor(bridge: UiBridge, platform: Platform) {
    this.bridge = bridge;
    this.platform = platform;
    this.connection = new Connection(platform);
    this.history = new History(platform);
    this.presets = new Presets(bridge);
    this.#editor = new LayerEditor(bridge, { link: this.connection, platform });
    this.#state = new Subject(this.#completed({}));
    this.#editor.state.subscribe((editor) => this.#update(editor));
    this.connection.state.subscribe((connection) => {
      const { connection: before } = this.#state.value;
      this.#update({ connection });
      if (isReady(connection) && !isReady(before)) this.#editor.renewPreview();
    });
    bridge.onSelection((selection) => this.select(selection));
  }

  get state(): Observable<PanelState> {
    return this.#state;
  }

  /** What is selected now. */
  select(selection: Selection): void {
    this.#update({ selection });
    const { session } = this.#editor;
    void this.#editor.follow(selection).then(() => {
      if (this.#editor.session !== session) this.#previewTyped('done');
    });
  }

  /** What stands in the field; the preview takes it along. */
  type(typed: string): void {
    if (typed === this.#state.value.typed) return;
    this.#update({ typed });
    this.#editor.change({ texts: this.#state.value.recipe.texts }, 'type');
    this.#previewTyped();
  }

  setTexts(texts: readonly string[]): void {
    this.#update({ typed: '' });
    this.#editor.change({ texts: [...texts] }, 'done');
  }

  setStrength(strength: number | undefined, kind: ChangeKind): void {
    this.#editor.change({ strength }, kind);
    this.#previewTyped(kind);
  }

  setThreshold(threshold: number | undefined, kind: ChangeKind): void {
    this.#editor.change({ threshold }, kind);
    this.#previewTyped(kind);
  }

  setPack(pack: string): void {
    this.#editor.change({ pack, strength: undefined, threshold: undefined }, 'done');
  }

  useRecipe(recipe: Recipe): void {
    this.#update({ typed: '' });
    this.#editor.setRecipe(recipe);
  }

  /** Whether the recipe stays when a layer is selected that has one of its own. */
  holdRecipe(isHeld: boolean): void {
    this.#editor.isRecipeHeld = isHeld;
  }

  showHeatmap(isShown: boolean): void {
    this.#editor.showHeatmap(isShown);
  }

  /** Makes the edit at full size and puts it onto its layer. @returns whether it lies there. */
  async applyEdit(): Promise<boolean> {
    this.#commitTyped();
    const { layer, apply } = this.#state.value;
    const session = this.#editor.session;
    if (!apply.canApply || session === undefined || layer.kind !== 'ready') return false;
    const { picture } = layer;
    const { recipe } = session.state.value;
    return this.#runTask('apply', picture.target, session, async () => {
      const edit = await session.render();
      await this.bridge.request('apply', {
        targetId: picture.target.id,
        sourceKey: picture.sourceKey,
        image: edit.image.bytes,
        recipe: toStored(recipe),
        label: this.titleOf(recipe),
      });
      await this.#remember(picture, edit.image, recipe);
      return {
        tone: 'plain',
        title: `${this.titleOf(recipe)} applied`,
        text: `One undo brings “${picture.target.name}” back.`,
      };
    });
  }

  /** Makes a board of variations beside the layer. */
  async applyBoard(order: BoardOrder): Promise<boolean> {
    this.#commitTyped();
    const { layer } = this.#state.value;
    const session = this.#editor.session;
    if (session === undefined || layer.kind !== 'ready') return false;
    const { picture } = layer;
    return this.#runTask('board', picture.target, session, async (follow, isCancelled) => {
      const wish = await this.#completeOrder(order, picture);
      const parts = {
        bridge: this.bridge,
        session,
        picture,
        options: this.#editor.sessionOptions,
        isCancelled,
        follow,
      };
      const { doneCount, emptyCount, firstFailure } = await makeBoard(parts, wish);
      this.presets.remember(session.state.value.recipe.texts);
      const pictures = doneCount === 1 ? '1 picture' : `${doneCount} pictures`;
      const text = emptyCount === 0 ? 'One undo takes it away.' : `${emptyCount} stayed empty: ${firstFailure ?? ''}`;
      return { tone: emptyCount === 0 ? 'plain' : 'problem', title: `Board of ${pictures} placed`, text };
    });
  }

  /** The same edit for all that is selected. */
  async applyBatch(undo: 'once' | 'each'): Promise<void> {
    this.#commitTyped();
    const { apply, recipe, selection, pack } = this.#state.value;
    if (!apply.canApply || this.#isBatchStarting) return;
    this.#isBatchStarting = true;
    this.#update({ notice: undefined });
    try {
      const { bridge, platform, connection: link } = this;
      const defaultStrength = pack?.defaults?.strength;
      const run = await BatchRun.start({
        bridge,
        platform,
        link,
        recipe,
        defaultStrength,
        targets: selection.targets,
        undo,
      });
      this.#batch = run;
      this.#update({ batch: run.state.value });
      run.state.subscribe((batch) => this.#batch === run && this.#update({ batch }));
      this.presets.remember(recipe.texts);
    } catch (error) {
      this.#tellFailure(error);
    } finally {
      this.#isBatchStarting = false;
    }
  }

  get batch(): BatchRun | undefined {
    return this.#batch;
  }

  /** Takes the list of a batch that ended off the panel. */
  dismissBatch(): void {
    this.#batch = undefined;
    this.#update({ batch: undefined });
  }

  /** Brings back what was there before our edits. Not while something runs: it would end the undo step of a batch. */
  async restore(): Promise<void> {
    if (isBusy(this.#state.value) || this.#isBatchStarting) return;
    const targetIds = this.#state.value.selection.targets.filter(({ canRestore }) => canRestore).map(({ id }) => id);
    try {
      const { restoredIds, failures } = await this.bridge.request('restore', { targetIds });
      const [failure] = failures;
      if (failure !== undefined) this.#tell('problem', 'Not everything could be restored', failure.message);
      else
        this.#tell(
          'plain',
          restoredIds.length === 1 ? 'The original is back' : `${restoredIds.length} originals are back`,
          '',
        );
    } catch (error) {
      this.#tellFailure(error);
    }
  }

  /** Ends what changes the document; what was applied stays. */
  cancel(): void {
    this.#cancelTask();
    this.#batch?.cancel();
  }

  dismissNotice(): void {
    this.#update({ notice: undefined });
  }

  keepPreset(name: string): void {
    this.#commitTyped();
    this.presets.keep(name, this.#state.value.recipe);
    this.#tell('plain', 'Preset kept', `“${name}” is in the menu.`);
  }

  /** Shows the layer of an entry of the history. */
  async reveal({ origin }: HistoryEntry): Promise<void> {
    await this.bridge
      .request('reveal', { targetIds: [origin.layerId] })
      .catch((error: unknown) => this.#tellFailure(error));
  }

  titleOf(recipe: Recipe): string {
    return recipeTitle(recipe, this.#state.value.pack?.defaults?.strength);
  }

  async #runTask(
    kind: Task['kind'],
    target: Target,
    session: EditSession,
    run: (follow: (other: EditSession) => () => void, isCancelled: () => boolean) => Promise<Notice>,
  ): Promise<boolean> {
    let isCancelled = false;
    let current = session;
    const follow = (followed: EditSession): (() => void) => {
      current = followed;
      return followed.state.subscribe(({ activity }) =>
        this.#update({ task: { kind, layerName: target.name, activity } }),
      );
    };
    this.#cancelTask = () => {
      isCancelled = true;
      current.cancel();
    };
    this.#update({ notice: undefined, task: { kind, layerName: target.name, activity: undefined } });
    const stopFollowing = follow(session);
    try {
      const notice = await this.#editor.whileBusy(session, () => run(follow, () => isCancelled));
      this.#update({ notice });
      return true;
    } catch (error) {
      if (!(error instanceof CancelledBoard)) this.#tellFailure(error);
      if (error instanceof BridgeError && error.code === 'layer_changed') await this.#openAgain(target);
      return false;
    } finally {
      stopFollowing();
      this.#cancelTask = () => undefined;
      this.#update({ task: undefined });
    }
  }

  /** Captures a layer anew, if it is still the one in hand. */
  async #openAgain(target: Target): Promise<void> {
    const { layer } = this.#editor.state.value;
    if (layer.kind === 'ready' && layer.target.id === target.id) await this.#editor.open(target);
  }

  async #completeOrder(order: BoardOrder, picture: CapturedPicture): Promise<BoardWish> {
    if (order.kind === 'layers')
      return { kind: 'layers', other: await capturePicture(this.bridge, order.other), steps: order.steps };
    if (order.kind !== 'mix') return order;
    const pictures = [picture];
    for (const target of order.others) pictures.push(await capturePicture(this.bridge, target));
    return { kind: 'mix', pictures };
  }

  async #remember({ target }: CapturedPicture, image: ReceivedImage, recipe: Recipe): Promise<void> {
    this.presets.remember(recipe.texts);
    const thumbnail = await makeThumbnail(image);
    this.history.add({
      recipe,
      origin: { layerId: target.id, layerName: target.name },
      ...(thumbnail === undefined ? {} : { thumbnail }),
    });
  }

  #commitTyped(): void {
    const { recipe, typed } = this.#state.value;
    if (typed.trim() !== '') this.setTexts(addText(recipe.texts, typed));
  }

  /** The session edits with what stands in the field; the recipe gets it when it is a chip. */
  #previewTyped(kind: ChangeKind = 'type'): void {
    const { recipe, typed } = this.#state.value;
    if (typed.trim() !== '') this.#editor.session?.change({ texts: [...addText(recipe.texts, typed)] }, kind);
  }

  #tellFailure(error: unknown): void {
    const failure = explainFailure(error);
    if (isQuiet(failure)) return;
    if (error instanceof BridgeError) this.#tell('problem', 'Figma did not take it', error.message);
    else this.#tell('problem', failure.title, failure.explanation);
  }

  #tell(tone: Notice['tone'], title: string, text: string): void {
    this.#update({ notice: { tone, title, text } });
  }

  #update(change: Partial<PanelState>): void {
    this.#state.set(this.#completed(change));
  }

  /** The state with what follows from the rest of it. */
  #completed(change: Partial<PanelState>): PanelState {
    const known: Omit<PanelState, 'apply' | 'pack'> = {
      selection: { targets: [], refusals: [], selectedCount: 0 },
      typed: '',
      task: undefined,
      batch: undefined,
      notice: undefined,
      connection: this.connection.state.value,
      ...this.#editor.state.value,
      ...(this.#state as Subject<PanelState> | undefined)?.value,
      ...change,
    };
    return { ...known, pack: packOf(known.connection, known.recipe), apply: applyView(known) };
  }
}
