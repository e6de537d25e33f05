/** Pictures of one request, several at the same time. */
import pLimit from 'p-limit';

/** Enough for every lane of the runtime to have work while a picture is composed; more would only hold memory. */
const picturesInFlight = 8;

/**
 * Results in the order of `items`. Rejects with the signal's reason when the job is cancelled between two of them.
 *
 * The event loop gets round after each: Node hands over results of threads as long as there are any, so that composing them without
 * a gap kept cancellations and progress waiting until the job was over.
 */
export function sideBySide<Item, Result>(
  items: readonly Item[],
  signal: AbortSignal,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  return pLimit(picturesInFlight).map(items, async (item, index) => {
    signal.throwIfAborted();
    const result = await work(item, index);
    await new Promise((resolve) => setImmediate(resolve));
    return result;
  });
}
