/** Pictures of one request, several at the same time. */
import pLimit from 'p-limit';

/** Enough for every lane of the runtime to have work while a picture is composed; more would only hold memory. */
const picturesInFlight = 8;

/** Results in the order of `items`. Rejects with the signal's reason when the job is cancelled between two of them. */
export function sideBySide<Item, Result>(
  items: readonly Item[],
  signal: AbortSignal,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  return pLimit(picturesInFlight).map(items, (item, index) => {
    signal.throwIfAborted();
    return work(item, index);
  });
}
