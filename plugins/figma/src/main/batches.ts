/**
 * A batch: results onto many layers, one after another as they come.
 *
 * Figma has no nested undo. Either nothing is committed until the end, and one undo takes back all of it together with what
 * the user did meanwhile (`once`), or every layer is a step (`each`). A batch that was cancelled half-way cannot be split into steps later, and
 * `triggerUndo` could hit the user's own work: `revert` takes our changes back by hand, layer by layer.
 */
import { type Answer, type Params, type TargetFailure } from '../bridge/index.js';
import { prepareResult, takeBack, type Applied } from './apply.js';
import { MainFailure, toFailure } from './failure.js';
import { asOneUndo } from './undo.js';

interface OpenBatch {
  readonly id: string;
  readonly undo: 'once' | 'each';
  readonly applied: Applied[];
}

export class Batches {
  #open: OpenBatch | undefined;
  #count = 0;

  /** Starts a batch; one that was left open is kept as it is. */
  open({ undo }: Params<'batch.open'>): Answer<'batch.open'> {
    figma.commitUndo();
    this.#open = { id: `batch-${++this.#count}`, undo, applied: [] };
    return { batchId: this.#open.id };
  }

  /** @throws MainFailure for this layer; the batch goes on. */
  async apply({ batchId, ...result }: Params<'batch.apply'>): Promise<Answer<'batch.apply'>> {
    this.#require(batchId);
    const ready = await prepareResult(result, false);
    const batch = this.#require(batchId);
    const applied = batch.undo === 'each' ? asOneUndo(ready) : ready();
    batch.applied.push(applied);
    return { nodeId: applied.nodeId };
  }

  /** Ends the batch. The last result is taken back first, so that layers edited twice end as they began. */
  async close({ batchId, outcome }: Params<'batch.close'>): Promise<Answer<'batch.close'>> {
    const { applied } = this.#require(batchId);
    this.#open = undefined;
    const failures: TargetFailure[] = [];
    const kept = outcome === 'keep' ? applied : [];
    if (outcome === 'revert')
      for (const change of [...applied].reverse()) {
        try {
          await takeBack(change);
        } catch (error) {
          failures.push({ targetId: change.targetId, ...toFailure(error) });
        }
      }
    figma.commitUndo();
    return { keptIds: kept.map(({ nodeId }) => nodeId), failures };
  }

  #require(batchId: string): OpenBatch {
    if (this.#open?.id !== batchId) throw new MainFailure('no_batch');
    return this.#open;
  }
}
