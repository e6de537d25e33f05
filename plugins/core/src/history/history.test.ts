import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { emptyRecipe } from '@deltaspace/shared-protocol';
import { History, historyLimits } from './history.js';

const origin = { layerId: 'l', layerName: 'Layer' };

function openHistory(): { history: History; add: (text: string, sizeBytes?: number) => string } {
  let count = 0;
  const history = new History({ nowMs: () => count, randomId: () => `id-${count++}` });
  const add = (text: string, sizeBytes = 100): string => {
    const thumbnail = { bytes: new Uint8Array(sizeBytes), width: 1, height: 1, encoding: 'png' } as const;
    return history.add({ recipe: { ...emptyRecipe, texts: [text] }, origin, thumbnail }).id;
  };
  return { history, add };
}

const titles = ({ entries }: History): string[] => entries.value.map(({ title }) => title);

describe('the history', () => {
  it('has the newest first and finds what it needs to apply again', () => {
    const { history, add } = openHistory();
    const first = add('face with hat');
    add('bald face');
    expect(titles(history)).toEqual(['bald face', 'hat']);
    expect(history.find(first)).toMatchObject({ origin, recipe: { texts: ['face with hat'] } });
  });

  it('drops the oldest beyond its number, but not what is pinned', () => {
    const { history, add } = openHistory();
    const pinned = add('pinned');
    history.setFavourite(pinned, true);
    for (let index = 0; index < historyLimits.entries; index++) add(`edit ${index}`);
    expect(history.entries.value).toHaveLength(historyLimits.entries);
    expect(history.find(pinned)?.isFavourite).toBe(true);
    expect(titles(history)).not.toContain('edit 0');
  });

  it('leaves out a thumbnail that is too large', () => {
    const { history, add } = openHistory();
    expect(history.find(add('large', historyLimits.oneThumbnailBytes + 1))?.thumbnail).toBeUndefined();
  });

  it('lets only so many be pinned', () => {
    const { history, add } = openHistory();
    const ids = Array.from({ length: historyLimits.favourites + 1 }, (_, index) => add(`${index}`));
    expect(ids.map((id) => history.setFavourite(id, true)).filter((isPinned) => !isPinned)).toHaveLength(1);
    expect(history.setFavourite('nobody', true)).toBe(false);
    history.clear();
    expect(history.entries.value).toHaveLength(historyLimits.favourites);
  });

  it('stays within its limits and keeps the newest, whatever is added and pinned', () => {
    const sizes = fc.integer({ min: 0, max: historyLimits.oneThumbnailBytes });
    fc.assert(
      fc.property(fc.array(fc.tuple(sizes, fc.boolean()), { maxLength: 80 }), (edits) => {
        const { history, add } = openHistory();
        for (const [sizeBytes, isPinned] of edits) {
          const id = add('edit', sizeBytes);
          expect(history.entries.value[0]?.id).toBe(id);
          if (isPinned) history.setFavourite(id, true);
          const bytes = history.entries.value.reduce((sum, { thumbnail }) => sum + (thumbnail?.bytes.length ?? 0), 0);
          expect(bytes).toBeLessThanOrEqual(historyLimits.thumbnailBytes);
          expect(history.entries.value.length).toBeLessThanOrEqual(historyLimits.entries);
        }
      }),
      { numRuns: 15 },
    );
  });
});
