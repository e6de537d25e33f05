/** Brings the originals back, of any number of layers in one undo step. */
import { type Answer, type TargetFailure } from '../bridge/index.js';
import { prepareRestore, type ReadyRestore } from './apply.js';
import { toFailure } from './failure.js';
import { asOneUndo } from './undo.js';

/** Restores what can be restored; the others are told apart, each with its reason. */
export async function restore(targetIds: readonly string[]): Promise<Answer<'restore'>> {
  const failures: TargetFailure[] = [];
  const ready: { readonly targetId: string; readonly run: ReadyRestore }[] = [];
  for (const targetId of targetIds) {
    try {
      ready.push({ targetId, run: await prepareRestore(targetId) });
    } catch (error) {
      failures.push({ targetId, ...toFailure(error) });
    }
  }
  const restoredIds: string[] = [];
  if (ready.length === 0) return { restoredIds, failures };
  asOneUndo(() => {
    for (const { targetId, run } of ready) {
      try {
        run();
        restoredIds.push(targetId);
      } catch (error) {
        failures.push({ targetId, ...toFailure(error) });
      }
    }
  });
  return { restoredIds, failures };
}
