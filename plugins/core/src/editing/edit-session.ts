/**
 * Editing one captured layer: a recipe that the panel changes, previews that follow it, and full-size results on request.
 *
 * One session per captured layer; when the layer's pixels change, the host captures again and makes a new session. Previews
 * run by themselves on a lane of their own; of everything else one thing runs at a time, and a newer one ends the older.
 */
import {
  CancelSource,
  emptyRecipe,
  ProtocolError,
  type CancelSignal,
  type ImageEncoding,
  type Recipe,
} from '@deltaspace/shared-protocol';
import { Subject, type Observable } from '../observable.js';
import { targetText } from '../recipe/texts.js';
import { collectEdits, editParams, type EditedImage } from './edited-image.js';
import { explainFailure, isQuiet, type Failure } from './failures.js';
import { runJob } from './job-runner.js';
import { LayerUpload, type CapturedLayer, type LayerPixels } from './layer.js';
import type { DaemonLink, EditingPlatform } from './link.js';
import { PreviewLane, type ChangeKind } from './preview-lane.js';
import type { ActivityProgress } from './progress.js';
import {
  makeMixes,
  makeStrip,
  makeVariations,
  type MixCell,
  type Strip,
  type VariationCell,
  type VariationParts,
  type VariationWish,
} from './variations.js';

/** What runs. */
export type ActivityKind = 'preview' | 'render' | 'variations' | 'strip' | 'mix';

export interface Activity {
  readonly kind: ActivityKind;
  readonly progress: ActivityProgress;
}

export interface EditSessionState {
  readonly recipe: Recipe;
  /** The newest preview. */
  readonly preview: EditedImage | undefined;
  /** Whether the recipe has changed since the preview was asked for. */
  readonly isPreviewStale: boolean;
  readonly activity: Activity | undefined;
  /** Why the newest thing has no result; cancelled ones leave none. Gone when the next thing begins. */
  readonly failure: Failure | undefined;
}

/** The members of a recipe that a panel changes; `undefined` takes a member back to the default of the pack. */
export type RecipeChange = {
  readonly [Name in 'texts' | 'source' | 'strength' | 'threshold' | 'method' | 'pack']?: Recipe[Name] | undefined;
};

export interface EditSessionOptions {
  readonly link: DaemonLink;
  readonly platform: EditingPlatform;
  readonly layer: CapturedLayer;
  /** What results are encoded as: `rgba8` where the host takes pixels, `png` where it takes files. */
  readonly encoding: ImageEncoding;
  /** Longer side of previews in pixels, 16 to 1024. Daemons without previews send full size instead. */
  readonly previewSide: number;
  /** What to begin with, for an edit that is edited again. */
  readonly recipe?: Recipe;
}

export class EditSession {
  readonly #options: EditSessionOptions;
  readonly #upload: LayerUpload;
  readonly #state: Subject<EditSessionState>;
  readonly #lane: PreviewLane<Recipe, EditedImage>;
  #foreground: CancelSource | undefined;
  #withHeatmap = false;
  #isClosed = false;

  constructor(options: EditSessionOptions) {
    this.#options = options;
    this.#upload = new LayerUpload(options.layer.pixels);
    this.#state = new Subject<EditSessionState>({
      recipe: options.recipe ?? emptyRecipe,
      preview: undefined,
      isPreviewStale: true,
      activity: undefined,
      failure: undefined,
    });
    const laneName = `preview-${options.platform.randomId()}`;
    this.#lane = new PreviewLane({
      after: (delayMs, callback) => options.platform.after(delayMs, callback),
      run: (recipe, signal, onProgress) => this.#makePreview(recipe, laneName, signal, onProgress),
      onStart: () => this.#update({ failure: undefined }),
      onProgress: (progress) => this.#tellPreview({ kind: 'preview', progress }),
      onValue: (preview, recipe) =>
        this.#update({ preview, isPreviewStale: recipe !== this.#state.value.recipe, failure: undefined }),
      onFailure: (error) => this.#fail(error),
      onIdle: () => this.#tellPreview(undefined),
    });
  }

  get layer(): CapturedLayer {
    return this.#options.layer;
  }

  get state(): Observable<EditSessionState> {
    return this.#state;
  }

  /** Changes the recipe and lets the preview follow, unless there is no text to follow. */
  change(change: RecipeChange, kind: ChangeKind = 'done'): void {
    const merged = { ...this.#state.value.recipe, ...change };
    const recipe = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined)) as Recipe;
    this.#update({ recipe, isPreviewStale: true });
    this.preview(kind);
  }

  /** Asks for a preview of the recipe as it is. Not while something else runs: it would wait behind it. */
  preview(kind: ChangeKind = 'done'): void {
    if (this.#isClosed || this.#foreground !== undefined) return;
    const { recipe } = this.#state.value;
    if (targetText(recipe.texts) === undefined) this.#lane.cancel();
    else this.#lane.ask(recipe, kind);
  }

  /** Whether previews come with a heat map of what changes; the one that is shown is made again for it. */
  showHeatmap(isShown: boolean): void {
    this.#withHeatmap = isShown;
    if (isShown && this.#state.value.preview?.heatmap === undefined) this.preview();
  }

  /**
   * The final edit at full size.
   * @throws ProtocolError with the daemon's code, `cancelled`, `invalid_params` without a text. Failures are in the state, too.
   */
  render(options: { readonly heatmap?: boolean } = {}): Promise<EditedImage> {
    return this.#run('render', async (parts) => {
      const { recipe } = this.#state.value;
      return this.#edit(recipe, { ...options }, { signal: parts.signal as CancelSignal, onProgress: parts.onProgress });
    });
  }

  /** Texts × strengths with the recipe's other settings. Without texts, the recipe's chips one by one. */
  variations(wish: Omit<VariationWish, 'recipe'>): Promise<VariationCell[]> {
    const { recipe } = this.#state.value;
    return this.#run('variations', (parts) => makeVariations(parts, this.#upload, { ...wish, recipe }));
  }

  /** Frames from the layer edited by one text to the layer edited by another. */
  stripOfTexts(ends: { readonly from: string; readonly to: string }, steps: number): Promise<Strip> {
    const { recipe } = this.#state.value;
    return this.#run('strip', (parts) => makeStrip(parts, this.#upload, { kind: 'texts', ...ends, recipe }, steps));
  }

  /** Frames from the layer to another one. */
  stripToLayer(other: LayerPixels, steps: number): Promise<Strip> {
    const { recipe } = this.#state.value;
    const ends = { kind: 'layers', other: new LayerUpload(other), recipe } as const;
    return this.#run('strip', (parts) => makeStrip(parts, this.#upload, ends, steps));
  }

  /** The layer in the styles of others, at several cuts. */
  mixes(styles: readonly LayerPixels[], cuts: readonly (number | undefined)[] = [undefined]): Promise<MixCell[]> {
    const { pack } = this.#state.value.recipe;
    const wish = {
      styles: styles.map((pixels) => new LayerUpload(pixels)),
      cuts,
      ...(pack === undefined ? {} : { pack }),
    };
    return this.#run('mix', (parts) => makeMixes(parts, this.#upload, wish));
  }

  /** Ends what runs, previews included. */
  cancel(): void {
    this.#lane.cancel();
    this.#foreground?.cancel();
  }

  /** Ends what runs; nothing can be asked for afterwards. */
  close(): void {
    this.#isClosed = true;
    this.cancel();
  }

  async #run<Value>(kind: ActivityKind, task: (parts: VariationParts) => Promise<Value>): Promise<Value> {
    if (this.#isClosed) throw new ProtocolError('cancelled', 'the session is closed');
    this.cancel();
    const source = new CancelSource();
    this.#foreground = source;
    const isCurrent = (): boolean => this.#foreground === source;
    const report = (progress: ActivityProgress): void => {
      if (isCurrent()) this.#update({ activity: { kind, progress } });
    };
    this.#update({ activity: { kind, progress: { stage: 'connecting', fraction: 0 } }, failure: undefined });
    try {
      const { link, platform, encoding } = this.#options;
      return await task({ link, platform, encoding, signal: source.signal, onProgress: report });
    } catch (error) {
      if (isCurrent()) this.#fail(error);
      throw error;
    } finally {
      if (isCurrent()) {
        this.#foreground = undefined;
        this.#update({ activity: undefined });
      }
    }
  }

  #makePreview(
    recipe: Recipe,
    lane: string,
    signal: CancelSignal,
    onProgress: (progress: ActivityProgress) => void,
  ): Promise<EditedImage> {
    const options = { previewSide: this.#options.previewSide, lane, heatmap: this.#withHeatmap };
    return this.#edit(recipe, options, { signal, onProgress });
  }

  async #edit(
    recipe: Recipe,
    options: { readonly heatmap?: boolean; readonly previewSide?: number; readonly lane?: string },
    hooks: { readonly signal: CancelSignal; readonly onProgress: (progress: ActivityProgress) => void },
  ): Promise<EditedImage> {
    const { lane, ...rest } = options;
    const target = targetText(recipe.texts);
    if (target === undefined) throw new ProtocolError('invalid_params', 'the recipe has no text; say what to change');
    const wish = { recipe, targets: [target], encoding: this.#options.encoding, ...rest };
    const [edit] = await runJob(
      this.#options,
      {
        method: 'edit',
        layers: [this.#upload],
        params: ([image], client) => editParams(image as NonNullable<typeof image>, wish, client),
        collect: collectEdits,
        ...(lane === undefined ? {} : { lane }),
      },
      hooks,
    );
    if (edit === undefined) throw new ProtocolError('internal_error', 'the daemon answered an edit without outputs');
    return edit;
  }

  #fail(error: unknown): void {
    const failure = explainFailure(error);
    if (!isQuiet(failure)) this.#update({ failure });
  }

  /** What the lane does is told only while nothing else runs. */
  #tellPreview(activity: Activity | undefined): void {
    if (this.#foreground === undefined) this.#update({ activity });
  }

  #update(change: Partial<EditSessionState>): void {
    this.#state.set({ ...this.#state.value, ...change });
  }
}
