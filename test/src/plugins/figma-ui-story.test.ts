/**
 * The whole story of a designer: the packaged page in a browser, the packaged main side in QuickJS, a real daemon with the pack
 * that ships. Nothing in between is faked but Figma itself.
 */
import { bundleUi } from '@deltaspace/figma-plugin';
import type { ImagePaint } from '@figma/plugin-typings/plugin-api-standalone.js';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort, startRealDaemon, type RealDaemon } from '../e2e/real-daemon.js';
import { avatarDocument } from '../fakes/browser/avatar-document.js';
import { FigmaPanel } from '../fakes/browser/figma-panel.js';
import { joinPlugin, type JoinedPlugin, type JoinOptions } from '../fakes/browser/joined-plugin.js';
import { launchBrowser } from '../fakes/browser/launch-browser.js';
import { deltaspace } from '../fakes/command.js';
import type { FakeDocument, NodeData } from '../fakes/figma/document.js';

const { browser, why } = await launchBrowser();
const suffix = why === undefined ? '' : ` [skipped: ${why}]`;
const tokenKey = 'deltaspace.token';

describe.skipIf(browser === undefined)(`the Figma plugin with a real daemon${suffix}`, () => {
  let daemon: RealDaemon;
  let html: string;
  let joined: JoinedPlugin | undefined;
  let panel: FigmaPanel;
  let token: unknown;

  beforeAll(async () => {
    daemon = await startRealDaemon(undefined, { port: await freePort() });
    html = await bundleUi([daemon.port]);
  });
  afterAll(async () => {
    await browser?.close();
    await daemon.dispose();
  });
  afterEach(async () => {
    const errors = joined?.window.errors;
    await joined?.close();
    joined = undefined;
    expect(errors).toEqual([]);
  });

  async function join(
    wish: Parameters<typeof joinPlugin>[2],
    selected: readonly NodeData[],
    options?: JoinOptions,
  ): Promise<JoinedPlugin> {
    if (browser === undefined) throw new Error('expected a browser');
    const storage = token === undefined ? {} : { [tokenKey]: token };
    joined = await joinPlugin(browser, html, { storage, ...wish }, { selected, ...options });
    panel = new FigmaPanel(joined.window.frame);
    if (token !== undefined) return joined;
    const { code } = await daemon.client.call('pairing.begin', {});
    await panel.pair(code);
    token = joined.editor.storage.get(tokenKey);
    expect(token).toMatch(/^[\w-]{43}$/);
    return joined;
  }

  const hashOf = ({ fills }: NodeData): string | null => (fills[0] as ImagePaint).imageHash;
  const labelsIn = (document: FakeDocument, node: NodeData): unknown[] =>
    [node, ...document.children(node)].flatMap((one) =>
      one === node ? (one.type === 'TEXT' ? [one.settings['characters']] : []) : labelsIn(document, one),
    );

  it('pairs with a code, previews a text, applies it, and one undo restores the document exactly', async () => {
    const { document, images, avatars } = await avatarDocument();
    const [avatar] = avatars as [NodeData];
    const { editor } = await join({ document, images }, avatars);
    // The list is that of the pack; arrows mark, Enter takes.
    await panel.prompt.fill('sung');
    await panel.shows('[role="option"]', 'face with sunglasses');
    await panel.prompt.press('ArrowDown');
    await panel.prompt.press('Enter');
    await panel.shows('.chip', 'sunglasses');
    await panel.previewReady();
    const before = document.snapshot();
    const original = hashOf(avatar);
    await panel.press('Apply');
    await panel.shows('.notice', 'sunglasses +1.1 applied');
    const edited = document.get(avatar.id);
    expect(hashOf(edited)).not.toBe(original);
    expect(JSON.parse(edited.pluginData['recipe'] as string)).toMatchObject({ texts: ['face with sunglasses'] });
    expect(edited.relaunchData).toHaveProperty('edit');
    expect(editor.storage.get('recentTexts')).toEqual(['face with sunglasses']);

    // A second, weaker edit starts from the original: it is not the first one edited again.
    await panel.shows('.notes', 'Changes start from the original');
    expect(document.undoSteps).toBe(1);
    document.triggerUndo();
    expect(document.snapshot()).toEqual(before);
  });

  it('lays out a board of two texts at two strengths beside the layer, and one undo takes it away', async () => {
    const { document, images, avatars } = await avatarDocument();
    const { editor } = await join({ document, images }, avatars);
    await panel.addText('face with sunglasses');
    await panel.addText('face with hat');
    await panel.previewReady();
    const before = document.snapshot();
    await panel.press('Variations');
    await panel.field('Strengths').fill('0.5, 1.5');
    await panel.press('Make board');
    await panel.shows('.notice', 'Board of 4 pictures placed');
    const [boardId] = editor.selectedIds as [string];
    const board = document.get(boardId);
    expect(board.settings['layoutMode']).toBe('VERTICAL');
    expect(labelsIn(document, board)).toEqual(expect.arrayContaining(['sunglasses', 'hat', '+0.5', '+1.5']));
    const cells = document.snapshot().filter(({ type, id }) => type === 'RECTANGLE' && id !== avatars[0]?.id);
    expect(new Set(cells.map(hashOf)).size).toBe(4);
    expect(cells.every(({ relaunchData }) => 'variations' in relaunchData)).toBe(true);
    expect(document.undoSteps).toBe(1);
    document.triggerUndo();
    expect(document.snapshot()).toEqual(before);
  });

  it('makes a strip from one layer to another, and a grid of their styles', async () => {
    const { document, images, avatars } = await avatarDocument(2);
    const { editor } = await join({ document, images }, avatars);
    await panel.press('Variations');
    await panel.choose('A to B');
    await panel.field('Pictures').fill('3');
    await panel.shows('#board-summary', 'From “Noah” to “Kim”');
    await panel.press('Make board');
    await panel.shows('.notice', 'Board of 3 pictures placed');
    editor.select(...avatars);
    await panel.shows('.selection-name', 'Noah and 1 more');
    await panel.choose('Style mix');
    await panel.shows('#board-summary', '2 × 2 pictures');
    await panel.press('Make board');
    await panel.shows('.notice', 'Board of 4 pictures placed');
    expect(document.undoSteps).toBe(2);
  });

  it('edits a batch, tells of the layer that failed, and takes all of it back with one undo', async () => {
    const { document, images, avatars } = await avatarDocument(3);
    const [, second] = avatars as [NodeData, NodeData, NodeData];
    const before = document.snapshot();
    await join({ document, images }, avatars, {
      // Somebody else locks the second layer while its edit is on the way.
      beforeRequest: (name, { targetId }) => {
        if (name === 'batch.apply' && targetId === second.id) document.get(second.id).locked = true;
      },
    });
    await panel.addText('face with hat');
    await panel.press('Apply to 3 layers');
    await panel.shows('.batch-title', '2 layers edited, 1 failed.');
    await panel.shows('.batch-item[data-state="failed"]', 'locked');
    expect(avatars.map(({ id }) => 'edit' in document.get(id).relaunchData)).toEqual([true, false, true]);
    document.triggerUndo();
    expect(document.snapshot()).toEqual(before);
  });

  it('takes back by hand what a cancelled batch had done', async () => {
    const { document, images, avatars } = await avatarDocument(4);
    const before = avatars.map(hashOf);
    const late = new Set(avatars.slice(2).map(({ id }) => id));
    let goOn: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    await join({ document, images }, avatars, {
      beforeRequest: (name, { targetId }) => (name === 'capture' && late.has(targetId as string) ? gate : undefined),
    });
    await panel.addText('face with hat');
    await panel.press('Apply to 4 layers');
    await panel.shows('.batch-item[data-state="done"]', 'Kim');
    await panel.shows('.batch-item[data-state="done"]', 'Noah');
    await panel.press('Cancel');
    goOn();
    await panel.shows('.batch-title', 'Cancelled after 2 of 4. Keep them?');
    const hashes = (): (string | null)[] => avatars.map(({ id }) => hashOf(document.get(id)));
    expect(hashes().filter((hash, index) => hash !== before[index])).toHaveLength(2);
    await panel.press('Take back');
    await panel.shows('.batch-title', '2 layers as before.');
    expect(hashes()).toEqual(before);
  });

  it('lays the result over a frame, and one undo takes it away', async () => {
    const { document, images, avatars } = await avatarDocument();
    const frame = document.add('FRAME', { name: 'Card', x: 400, y: 0, width: 120, height: 120 });
    document.move(avatars[0] as NodeData, frame, 0);
    document.open();
    const before = document.snapshot();
    const { editor } = await join({ document, images }, [frame]);
    await panel.shows('.selection-what', 'Frame, 120 × 120: the result is laid over it');
    await panel.addText('face with hat');
    await panel.press('Apply');
    await panel.shows('.notice', 'applied');
    const [overlayId] = editor.selectedIds as [string];
    const { name, type, width, height } = document.get(overlayId);
    expect({ name, type, width, height }).toEqual({
      name: 'Card · hat +1.1',
      type: 'RECTANGLE',
      width: 120,
      height: 120,
    });
    expect(document.undoSteps).toBe(1);
    document.triggerUndo();
    expect(document.snapshot()).toEqual(before);
  });

  it('scales an image that Figma would not take back, and says so', async () => {
    const { document, images, avatars } = await avatarDocument();
    const [avatar] = avatars as [NodeData];
    const [width, height] = [4200, 420];
    const file = images.bytes(hashOf(avatar) as string);
    const large = await sharp(file).resize(width, height, { fit: 'cover' }).jpeg().toBuffer();
    const imageHash = images.keep(new Uint8Array(large), { width, height });
    document.get(avatar.id).fills = [{ type: 'IMAGE', scaleMode: 'FILL', imageHash }];
    document.open();
    await join({ document, images }, [avatar]);
    await panel.shows('.notes', 'Larger than Figma’s 4096 pixels: the result is 4096 × 410.');
    await panel.shows('.notes', 'The whole image is edited, also what the layer cuts off.');
    await panel.addText('face with hat');
    await panel.press('Apply');
    await panel.shows('.notice', 'applied');
    const result = await sharp(images.bytes(hashOf(document.get(avatar.id)) as string)).metadata();
    expect([result.width, result.height, result.format]).toEqual([4096, 410, 'png']);
  });

  it('compares while the space key is held, and applies an edit of the history again', async () => {
    const { document, images, avatars } = await avatarDocument();
    const { window } = await join({ document, images }, avatars);
    await panel.addText('face with sunglasses');
    await panel.previewReady();
    await panel.rest();
    await panel.shows('.preview-label', 'After');
    await window.page.keyboard.down(' ');
    await panel.shows('.preview-label', 'Before');
    await window.page.keyboard.up(' ');
    await panel.shows('.preview-label', 'After');
    await panel.press('Apply');
    await panel.shows('.notice', 'sunglasses +1.1 applied');
    const first = hashOf(document.get((avatars[0] as NodeData).id));

    await panel.field('Strength').press('ArrowRight');
    await panel.shows('.slider-value', '+1.2');
    await panel.previewReady();
    await panel.press('Apply');
    await panel.shows('.notice', 'sunglasses +1.2 applied');
    await panel.shows('.history-picture', '');
    await panel.press('sunglasses, Noah');
    await panel.press('Apply again');
    await panel.shows('.notice', 'sunglasses +1.1 applied');
    expect(hashOf(document.get((avatars[0] as NodeData).id))).toBe(first);
    document.triggerUndo();
    document.triggerUndo();
    document.triggerUndo();
    expect(document.undoSteps).toBe(0);
  });

  it('says that the layer was deleted when somebody deletes it while it is being edited', async () => {
    const { document, images, avatars } = await avatarDocument();
    const [avatar] = avatars as [NodeData];
    await join({ document, images }, avatars, {
      beforeRequest: (name) => {
        if (name === 'apply') document.remove(avatar);
      },
    });
    await panel.addText('face with hat');
    await panel.press('Apply');
    await panel.shows('.notice[data-tone="problem"]', 'The layer was deleted meanwhile');
  });

  it('opens the recipe of an edited layer again, and starts from its original', async () => {
    const { document, images, avatars } = await avatarDocument();
    const [avatar] = avatars as [NodeData];
    const original = hashOf(avatar);
    await join({ document, images }, avatars);
    await panel.addText('face with sunglasses');
    await panel.press('Apply');
    await panel.shows('.notice', 'applied');
    const first = hashOf(document.get(avatar.id));
    await joined?.close();
    joined = undefined;

    await join({ document, images, command: 'edit' }, [document.get(avatar.id)]);
    await panel.shows('.chip', 'sunglasses');
    await panel.previewReady();
    await panel.press('Apply');
    await panel.shows('.notice', 'applied');
    // The same recipe from the same original gives the same picture; from the edited one it would not.
    expect(hashOf(document.get(avatar.id))).toBe(first);
    await panel.chooseInMenu('Restore original');
    await panel.shows('.notice', 'The original is back');
    expect(hashOf(document.get(avatar.id))).toBe(original);
  });

  it('runs an edit of the command bar by itself and closes', async () => {
    const { document, images, avatars } = await avatarDocument();
    const [avatar] = avatars as [NodeData];
    const original = hashOf(avatar);
    const { editor } = await join(
      { document, images, command: 'open', parameters: { text: 'face with hat', strength: '1.5' } },
      avatars,
    );
    await expect.poll(() => editor.seen.closedWith, { timeout: 20_000 }).toBe('hat +1.5 applied.');
    expect(hashOf(document.get(avatar.id))).not.toBe(original);
    expect(editor.seen.isWindowVisible).toBe(false);
  });

  it('shows its window for an edit of the command bar that needs somebody', async () => {
    const { document, images } = await avatarDocument();
    const { editor } = await join({ document, images, parameters: { text: 'face with hat' } }, []);
    await expect.poll(() => editor.seen.isWindowVisible, { timeout: 20_000 }).toBe(true);
    await panel.shows('.selection-what', 'Select a layer');
  });

  it('says when the daemon stops, and goes on where it was when it is back', async () => {
    const { document, images, avatars } = await avatarDocument();
    await join({ document, images }, avatars);
    await panel.addText('face with hat');
    await panel.previewReady();
    const command = { dataRoot: daemon.dataRoot, cwd: daemon.dataRoot };
    await deltaspace(['stop'], command);
    await panel.shows('.banner', /was stopped|not running|was lost/);
    await panel.shows('.command', 'deltaspace start');
    expect(await panel.button('Apply').isDisabled()).toBe(true);
    await deltaspace(['start', '--port', String(daemon.port)], command);
    await panel.banner.waitFor({ state: 'hidden' });
    await panel.shows('.chip', 'hat');
    await panel.press('Apply');
    await panel.shows('.notice', 'hat +1.1 applied');
  });
});
