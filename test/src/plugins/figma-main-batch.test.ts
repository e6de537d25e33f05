import { afterEach, describe, expect, it } from 'vitest';
import { FakeDocument, type NodeData } from '../fakes/figma/document.js';
import { FakeImages } from '../fakes/figma/images.js';
import { blue, croppedPaint, green, picture, red } from '../fakes/figma/pictures.js';
import { startPlugin, type RunningPlugin } from '../fakes/figma/run-plugin.js';

let plugin: RunningPlugin | undefined;
afterEach(() => {
  plugin?.close();
  plugin = undefined;
});

/** As many layers as a selection may have; the same photo in each. */
async function startWithPhotos(count: number) {
  const document = new FakeDocument();
  const images = new FakeImages();
  const hash = images.create(await picture(40, 40, red));
  const photos = Array.from({ length: count }, (_, index) =>
    document.add('RECTANGLE', { name: `Photo ${index}`, x: index * 110, fills: [croppedPaint(hash)] }),
  );
  plugin = await startPlugin({ document, images });
  const edited = await picture(40, 40, blue);
  const editedHash = images.create(edited);
  const { request } = plugin;
  const apply = async (batchId: string, { id }: NodeData) => {
    const { sourceKey } = await request('capture', { targetId: id, from: 'current' });
    const result = { targetId: id, sourceKey, image: edited, recipe: { text: 'smile' }, label: 'smile' };
    return request('batch.apply', { batchId, ...result });
  };
  const hashOf = ({ id }: NodeData): unknown =>
    (document.get(id).fills as readonly { imageHash?: string }[])[0]?.imageHash;
  return { running: plugin, document, images, hash, editedHash, photos, request, apply, hashOf };
}

describe('a batch', () => {
  it('edits fifty layers one by one and is one undo step', async () => {
    const { running, document, photos, request, apply, hashOf, editedHash } = await startWithPhotos(50);
    const selected = running.nextSelection();
    running.editor.select(...photos);
    expect((await selected).targets).toHaveLength(50);
    const before = document.snapshot();
    const { batchId } = await request('batch.open', { undo: 'once' });
    for (const photo of photos) {
      await apply(batchId, photo);
      expect(hashOf(photo)).toBe(editedHash);
    }
    expect(document.undoSteps).toBe(0);
    const { keptIds, failures } = await request('batch.close', { batchId, outcome: 'keep' });
    expect([keptIds.length, failures.length]).toEqual([50, 0]);
    expect(document.undoSteps).toBe(1);
    document.triggerUndo();
    expect(document.snapshot()).toEqual(before);
  });

  it('tells what became of the selection once, when it ends', async () => {
    const { running, photos, request, apply } = await startWithPhotos(3);
    const selected = running.nextSelection();
    running.editor.select(...photos);
    await selected;
    const told = (): number =>
      running.editor.seen.messages.filter((message) => (message as { type: string }).type === 'selection').length;
    const before = told();
    const { batchId } = await request('batch.open', { undo: 'once' });
    for (const photo of photos) {
      await apply(batchId, photo);
      await new Promise((resolve) => setTimeout(resolve, 100)); // longer than the plugin waits for more
    }
    expect(told()).toBe(before);
    const last = running.nextSelection();
    await request('batch.close', { batchId, outcome: 'keep' });
    expect((await last).targets.map(({ hasRecipe }) => hasRecipe)).toEqual([true, true, true]);
  });

  it('is as many steps as layers when that was asked for', async () => {
    const { document, photos, request, apply, hashOf, hash, editedHash } = await startWithPhotos(3);
    const { batchId } = await request('batch.open', { undo: 'each' });
    for (const photo of photos) await apply(batchId, photo);
    await request('batch.close', { batchId, outcome: 'keep' });
    expect(document.undoSteps).toBe(3);
    document.triggerUndo();
    expect(photos.map(hashOf)).toEqual([editedHash, editedHash, hash]);
  });

  it('keeps what was done when it is cancelled, as one step', async () => {
    const { document, photos, request, apply, hashOf, hash, editedHash } = await startWithPhotos(4);
    const { batchId } = await request('batch.open', { undo: 'once' });
    for (const photo of photos.slice(0, 2)) await apply(batchId, photo);
    await request('batch.close', { batchId, outcome: 'keep' });
    expect(photos.map(hashOf)).toEqual([editedHash, editedHash, hash, hash]);
    expect(document.undoSteps).toBe(1);
  });

  it('takes back by hand what was done when that is asked for, but not what others changed since', async () => {
    const { document, images, photos, request, apply, hashOf, hash } = await startWithPhotos(3);
    const frame = document.add('FRAME', { y: 300 });
    const before = document.snapshot();
    const { batchId } = await request('batch.open', { undo: 'once' });
    for (const photo of [...photos, frame]) await apply(batchId, photo);
    const other = images.create(await picture(9, 9, green));
    document.get((photos[1] as NodeData).id).fills = [croppedPaint(other)];
    const { failures } = await request('batch.close', { batchId, outcome: 'revert' });
    expect(failures).toMatchObject([{ targetId: photos[1]?.id, code: 'layer_changed' }]);
    expect(photos.map(hashOf)).toEqual([hash, other, hash]);
    const untouched = (nodes: readonly NodeData[]) => nodes.filter(({ id }) => id !== photos[1]?.id);
    expect(untouched(document.snapshot())).toEqual(untouched(before));
  });

  it('goes on when a layer is deleted or locked meanwhile, and says which and why', async () => {
    const { document, photos, request, apply, hashOf, editedHash } = await startWithPhotos(3);
    const [gone, locked, good] = photos as [NodeData, NodeData, NodeData];
    const { batchId } = await request('batch.open', { undo: 'once' });
    document.remove(gone);
    await expect(apply(batchId, gone)).rejects.toMatchObject({ code: 'layer_gone' });
    document.get(locked.id).locked = true;
    await expect(apply(batchId, locked)).rejects.toMatchObject({ code: 'layer_locked' });
    await apply(batchId, good);
    expect(hashOf(good)).toBe(editedHash);
  });

  it('takes no more once it is closed', async () => {
    const { photos, request, apply } = await startWithPhotos(1);
    const { batchId } = await request('batch.open', { undo: 'once' });
    await request('batch.close', { batchId, outcome: 'keep' });
    await expect(apply(batchId, photos[0] as NodeData)).rejects.toMatchObject({ code: 'no_batch' });
  });
});

it('tells how many layers are selected when they are more than it looks at', async () => {
  const { running, photos } = await startWithPhotos(53);
  const selected = running.nextSelection();
  running.editor.select(...photos);
  const { targets, selectedCount } = await selected;
  expect([targets.length, selectedCount]).toEqual([50, 53]);
});
