/**
 * The same recipe for many layers: one after the other, each with its own progress and its own failure.
 *
 * A layer is captured at its turn and delivered when it is done, so that a hundred layers need the memory of two.
 */
import { CancelSource, ProtocolError, type ImageEncoding, type Recipe } from '@deltaspace/shared-protocol';
import { Subject, type Observable } from '../observable.js';
import { targetText } from '../recipe/texts.js';
import { collectEdits, editParams, type EditedImage } from './edited-image.js';
import { explainFailure, type Failure } from './failures.js';
import { runJob } from './job-runner.js';
import { LayerUpload, type LayerPixels } from './layer.js';
import type { DaemonLink, EditingPlatform } from './link.js';
import { runSeveral, SharedProgress, type ActivityProgress } from './progress.js';

export const batchLimits = {
  layers: 256,
  /** One is computed while the next is captured and sent. */
  atOnce: 2,
} as const;

export interface BatchLayer {
  readonly id: string;
  readonly name: string;
  capture(): Promise<LayerPixels>;
  /** Puts the result into the document. Its failure is that of the item. */
  deliver(edit: EditedImage): Promise<void>;
}

export type BatchItemState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'running'; readonly progress: ActivityProgress }
  | { readonly kind: 'done'; readonly warnings: EditedImage['warnings'] }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'cancelled' };

export interface BatchItem {
  readonly id: string;
  readonly name: string;
  readonly state: BatchItemState;
}

export interface BatchState {
  readonly items: readonly BatchItem[];
  readonly progress: ActivityProgress;
  readonly isRunning: boolean;
}

export interface BatchParts {
  readonly link: DaemonLink;
  readonly platform: EditingPlatform;
  readonly encoding: ImageEncoding;
  readonly recipe: Recipe;
  readonly layers: readonly BatchLayer[];
}

/** A batch that runs from when it is made. `finished` never rejects; what became of each item is in the state. */
export class Batch {
  readonly #parts: BatchParts;
  readonly #target: string;
  readonly #source = new CancelSource();
  readonly #state: Subject<BatchState>;
  readonly finished: Promise<readonly BatchItem[]>;

  /** @throws ProtocolError `invalid_params` without layers, with too many, or without a text. */
  constructor(parts: BatchParts) {
    const count = parts.layers.length;
    if (count < 1 || count > batchLimits.layers) {
      throw new ProtocolError('invalid_params', `a batch has 1 to ${batchLimits.layers} layers, this one has ${count}`);
    }
    const target = targetText(parts.recipe.texts);
    if (target === undefined) throw new ProtocolError('invalid_params', 'the recipe has no text; say what to change');
    this.#parts = parts;
    this.#target = target;
    this.#state = new Subject<BatchState>({
      items: parts.layers.map(({ id, name }) => ({ id, name, state: { kind: 'waiting' } })),
      progress: { stage: 'queued', fraction: 0, done: 0, total: count },
      isRunning: true,
    });
    this.finished = this.#runAll();
  }

  get state(): Observable<BatchState> {
    return this.#state;
  }

  /** What is done stays done. */
  cancel(): void {
    this.#source.cancel();
  }

  async #runAll(): Promise<readonly BatchItem[]> {
    const { layers } = this.#parts;
    const progress = new SharedProgress(layers.length, (newest) =>
      this.#state.set({ ...this.#state.value, progress: newest }),
    );
    const tasks = layers.map((layer, index) => async (): Promise<void> => {
      const tell = progress.part(index);
      const report = (newest: ActivityProgress): void => {
        this.#change(index, { kind: 'running', progress: newest });
        tell(newest);
      };
      this.#change(index, await this.#runOne(layer, report));
      progress.end(index);
    });
    await runSeveral(tasks, batchLimits.atOnce);
    this.#state.set({ ...this.#state.value, isRunning: false });
    return this.#state.value.items;
  }

  async #runOne(layer: BatchLayer, onProgress: (progress: ActivityProgress) => void): Promise<BatchItemState> {
    const { signal } = this.#source;
    if (signal.aborted) return { kind: 'cancelled' };
    try {
      onProgress({ stage: 'capture', fraction: 0 });
      const upload = new LayerUpload(await layer.capture());
      const edit = await this.#edit(upload, onProgress);
      await layer.deliver(edit);
      return { kind: 'done', warnings: edit.warnings };
    } catch (error) {
      if (signal.aborted) return { kind: 'cancelled' };
      return { kind: 'failed', failure: explainFailure(error) };
    }
  }

  async #edit(upload: LayerUpload, onProgress: (progress: ActivityProgress) => void): Promise<EditedImage> {
    const { recipe, encoding } = this.#parts;
    const [edit] = await runJob(
      this.#parts,
      {
        method: 'edit',
        layers: [upload],
        params: ([image], client) =>
          editParams(image as NonNullable<typeof image>, { recipe, targets: [this.#target], encoding }, client),
        collect: collectEdits,
        priority: 'bulk',
      },
      { signal: this.#source.signal, onProgress },
    );
    if (edit === undefined) throw new ProtocolError('internal_error', 'the daemon answered an edit without outputs');
    return edit;
  }

  #change(index: number, state: BatchItemState): void {
    const items = this.#state.value.items.map((item, other) => (other === index ? { ...item, state } : item));
    this.#state.set({ ...this.#state.value, items });
  }
}
