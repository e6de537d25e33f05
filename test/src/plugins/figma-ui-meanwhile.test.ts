/**
 * What happens beside the plugin's page while it works: another selection, impatient fingers, other people in the file, edits from
 * the command bar on layers that were edited before. Page and main side as packaged; the daemon's worker is scripted.
 */
import { bundleUi } from '@deltaspace/figma-plugin';
import type { ImagePaint } from '@figma/plugin-typings/plugin-api-standalone.js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { avatarDocument } from '../fakes/browser/avatar-document.js';
import { FigmaPanel } from '../fakes/browser/figma-panel.js';
import { joinPlugin, type JoinedPlugin, type JoinOptions } from '../fakes/browser/joined-plugin.js';
import { launchBrowser } from '../fakes/browser/launch-browser.js';
import { startScriptedDaemon, type TestDaemon } from '../fakes/daemon-process.js';
import { FakeDocument, type NodeData } from '../fakes/figma/document.js';
import { FakeImages } from '../fakes/figma/images.js';
import { picture } from '../fakes/figma/pictures.js';
import type { StartWish } from '../fakes/figma/run-plugin.js';
import { pairPlugin } from '../fakes/plugin.js';

const { browser, why } = await launchBrowser();
const suffix = why === undefined ? '' : ` [skipped: ${why}]`;

/** Fifty layers, on a machine that is busy with other tests: 11 s were measured with two cores under a load of 6. */
const batchMs = 60_000;

interface Asked {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A promise to be kept later. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

const hashOf = ({ fills }: NodeData): string | null => (fills[0] as ImagePaint).imageHash;
const recipeIn = ({ pluginData }: NodeData): unknown => JSON.parse(pluginData['recipe'] ?? 'null');

describe.skipIf(browser === undefined)(`the Figma plugin while others go on${suffix}`, () => {
  let daemon: TestDaemon;
  let html: string;
  let token: string;
  let joined: JoinedPlugin | undefined;
  let panel: FigmaPanel;
  let asked: Asked[] = [];

  beforeAll(async () => {
    daemon = await startScriptedDaemon();
    token = (await pairPlugin(daemon)).token;
    html = await bundleUi([daemon.port]);
  });
  afterAll(async () => {
    await browser?.close();
    await daemon.dispose();
  });
  afterEach(async () => {
    const errors = joined?.window.errors ?? [];
    await joined?.close();
    joined = undefined;
    expect(errors).toEqual([]);
  });

  async function open(
    wish: StartWish,
    selected: readonly NodeData[],
    beforeRequest?: JoinOptions['beforeRequest'],
  ): Promise<JoinedPlugin> {
    if (browser === undefined) throw new Error('expected a browser');
    asked = [];
    const noted: JoinOptions['beforeRequest'] = (name, params) => {
      asked.push({ name, params });
      return beforeRequest?.(name, params);
    };
    const storage = { 'deltaspace.token': token, ...wish.storage };
    joined = await joinPlugin(browser, html, { ...wish, storage }, { selected, beforeRequest: noted });
    panel = new FigmaPanel(joined.window.frame);
    return joined;
  }

  const countOf = (name: string): number => asked.filter((one) => one.name === name).length;

  /** Lays a recipe on an avatar, as an edit leaves it. */
  function markEdited(document: FakeDocument, { id }: NodeData): void {
    const node = document.get(id);
    const recipe = { format: 'deltaspace-recipe', version: 1, texts: ['face with beard'], strength: 2.5 };
    const hash = hashOf(node);
    node.pluginData = {
      recipe: JSON.stringify(recipe),
      origin: JSON.stringify({ kind: 'fill', imageHash: hash, appliedHash: hash }),
    };
    document.open();
  }

  describe('an edit of the command bar', () => {
    it.each(['recipe', 'storage.read'])(
      'is what was typed, also on a layer with another recipe (%s comes late)',
      async (late) => {
        const { document, images, avatars } = await avatarDocument();
        const [avatar] = avatars as [NodeData];
        markEdited(document, avatar);
        const parameters = { text: 'face with hat' };
        const { editor } = await open({ document, images, parameters }, avatars, (name) =>
          name === late ? new Promise((resolve) => setTimeout(resolve, 300)) : undefined,
        );
        await expect.poll(() => editor.seen.closedWith, { timeout: 20_000 }).toContain('hat applied.');
        const recipe = recipeIn(document.get(avatar.id));
        expect(recipe).toEqual({ format: 'deltaspace-recipe', version: 1, texts: ['face with hat'] });
      },
    );

    it('is what was typed when the layer is selected only afterwards', async () => {
      const { document, images, avatars } = await avatarDocument();
      const [avatar] = avatars as [NodeData];
      markEdited(document, avatar);
      const { editor } = await open({ document, images, parameters: { text: 'face with hat' } }, []);
      await panel.shows('.selection-what', 'Select a layer');
      editor.select(avatar);
      await expect.poll(() => editor.seen.closedWith, { timeout: 20_000 }).toContain('hat applied.');
    });
  });

  it('keeps to the layer that is selected by now when the edited one shows another picture', async () => {
    const { document, images, avatars } = await avatarDocument(2);
    const [noah, kim] = avatars as [NodeData, NodeData];
    const other = images.create(await picture(9, 9, { r: 1, g: 2, b: 3 }));
    const opened = await open({ document, images }, [noah], (name) => {
      if (name !== 'apply') return undefined;
      document.get(noah.id).fills = [{ type: 'IMAGE', scaleMode: 'FILL', imageHash: other }];
      opened.editor.select(kim);
      return new Promise((resolve) => setTimeout(resolve, 500));
    });
    await panel.prompt.waitFor();
    await panel.addText('face with hat');
    await panel.press('Apply');
    await panel.shows('.notice[data-tone="problem"]', 'shows another picture');
    await opened.window.frame.locator('.task').waitFor({ state: 'hidden' });
    expect(asked.filter(({ name, params }) => name === 'capture' && params['targetId'] === noah.id)).toHaveLength(1);
    expect(await opened.window.frame.locator('.preview-picture').first().getAttribute('alt')).toBe('Kim, before');
  });

  it('begins one batch, however often it is told to', async () => {
    const { document, images, avatars } = await avatarDocument(2);
    const { window } = await open({ document, images }, avatars);
    await panel.prompt.waitFor();
    await panel.addText('face with hat');
    await panel.shows('.actions', 'Apply to 2 layers');
    await expect.poll(() => panel.button('Apply to 2 layers').isEnabled()).toBe(true);
    await window.frame.evaluate(() => {
      const press = { key: 'Enter', ctrlKey: true, bubbles: true };
      for (let times = 0; times < 3; times++) globalThis.dispatchEvent(new KeyboardEvent('keydown', press));
    });
    await panel.shows('.batch-title', '2 layers edited.');
    expect(countOf('batch.open')).toBe(1);
  });

  it('makes nothing of a board that was cancelled while its layers were read', async () => {
    const { document, images, avatars } = await avatarDocument(2);
    const second = gate();
    await open({ document, images }, avatars, (name, { targetId }) =>
      name === 'capture' && targetId === avatars[1]?.id ? second.opened : undefined,
    );
    await panel.prompt.waitFor();
    await panel.press('Variations');
    await panel.choose('Style mix');
    await panel.press('Make board');
    await panel.press('Cancel');
    second.open();
    await panel.button('Cancel').waitFor({ state: 'hidden' });
    expect(countOf('board.open')).toBe(0);
    expect(await panel.notice.isVisible()).toBe(false);
  });

  it('makes boards of layers with names that fill a paragraph', async () => {
    const { document, images, avatars } = await avatarDocument(2);
    for (const { id } of avatars)
      document.get(id).name = 'A headline that somebody made of a whole paragraph. '.repeat(5);
    await open({ document, images }, avatars);
    await panel.prompt.waitFor();
    await panel.press('Variations');
    await panel.choose('Style mix');
    await panel.press('Make board');
    await panel.shows('.notice', 'Board of 4 pictures placed');
  });

  it('stores recipes with the pictures of a board that one makes, and none with the others', async () => {
    const { document, images, avatars } = await avatarDocument(2);
    const { editor } = await open({ document, images }, avatars);
    const recipes = (): unknown[] =>
      asked
        .filter(({ name }) => name === 'board.cell')
        .map(({ params }) => (params['recipe'] as { texts?: unknown } | null)?.texts ?? null);
    await panel.prompt.waitFor();
    await panel.press('Variations');
    await panel.choose('A to B');
    await panel.field('Pictures').fill('3');
    await panel.press('Make board');
    await panel.shows('.notice', 'Board of 3 pictures placed');
    expect(recipes()).toEqual([null, null, null]);

    asked = [];
    editor.select(avatars[0] as NodeData);
    await panel.shows('.selection-name', 'Noah');
    await panel.addText('face with hat');
    await panel.addText('face with beard');
    await panel.shows('#board-summary', 'From “hat” to “beard”.');
    await panel.press('Make board');
    await expect.poll(recipes, { timeout: 20_000 }).toEqual([['face with hat'], null, ['face with beard']]);
    await panel.shows('.notice', 'Board of 3 pictures placed');
  });

  it('opens the form of a board from the button “More variations”', async () => {
    const { document, images, avatars } = await avatarDocument();
    markEdited(document, avatars[0] as NodeData);
    await open({ document, images, command: 'variations' }, avatars);
    await panel.shows('.chip', 'beard');
    await panel.field('Strengths').fill('1');
    await panel.shows('#board-summary', '1 × 1 pictures');
    await panel.press('Make board');
    await panel.shows('.notice', 'Board of 1 picture placed');
  });

  it('applies a preset to another layer, in another session', async () => {
    const { document, images, avatars } = await avatarDocument();
    const first = await open({ document, images }, avatars);
    await panel.prompt.waitFor();
    await panel.addText('face with hat');
    await panel.field('Strength').press('ArrowRight');
    await panel.chooseInMenu('Keep “hat +1.1” as preset');
    await panel.shows('.notice', 'Preset kept');
    const storage = Object.fromEntries(first.editor.storage);
    await first.close();

    const later = await avatarDocument(2);
    const [, kim] = later.avatars as [NodeData, NodeData];
    await open({ document: later.document, images: later.images, storage }, [kim]);
    await panel.prompt.waitFor();
    await panel.chooseInMenu('hat +1.1');
    await panel.shows('.chip', 'hat');
    await panel.press('Apply');
    await panel.shows('.notice', 'hat +1.1 applied');
    expect(recipeIn(later.document.get(kim.id))).toMatchObject({ texts: ['face with hat'], strength: 1.1 });
  });

  it('edits fifty layers; one that somebody deletes meanwhile is told apart, and one undo brings the others back', async () => {
    const document = new FakeDocument();
    const images = new FakeImages();
    const photos: NodeData[] = [];
    for (let index = 0; index < 50; index++) {
      const imageHash = images.create(await picture(8, 8, { r: 5 * index, g: 90, b: 255 - 5 * index }));
      const fills = [{ type: 'IMAGE', scaleMode: 'FILL', imageHash }] as const;
      photos.push(document.add('RECTANGLE', { name: `Photo ${index}`, x: 110 * index, fills }));
    }
    const before = photos.map(hashOf);
    const lost = photos[7] as NodeData;
    await open({ document, images }, photos, (name, { targetId }) => {
      if (name === 'batch.apply' && targetId === lost.id) document.remove(document.get(lost.id));
    });
    await panel.prompt.waitFor();
    await panel.addText('face with hat');
    await panel.press('Apply to 50 layers');
    await panel.shows('.batch-title', '49 layers edited, 1 failed.', batchMs);
    await panel.shows('.batch-item[data-state="failed"]', 'The layer was deleted meanwhile.');
    const left = photos.filter(({ id }) => id !== lost.id);
    const hashes = (): (string | null)[] => left.map(({ id }) => hashOf(document.get(id)));
    expect(hashes().filter((hash) => before.includes(hash))).toEqual([]);
    expect(document.undoSteps).toBe(1);
    document.triggerUndo();
    expect(hashes()).toEqual(before.filter((_, index) => index !== 7));
  });

  it('restores nothing while a batch runs, which one undo is to take back', async () => {
    const { document, images, avatars } = await avatarDocument(2);
    markEdited(document, avatars[0] as NodeData);
    const late = gate();
    const { window } = await open({ document, images }, avatars, (name, { targetId }) =>
      name === 'batch.apply' && targetId === avatars[1]?.id ? late.opened : undefined,
    );
    await panel.shows('.chip', 'beard');
    await panel.press('Apply to 2 layers');
    await panel.shows('.batch-item[data-state="done"]', 'Noah');
    await panel.press('More');
    const item = window.frame.getByRole('menuitem', { name: 'Restore original' });
    expect(await item.getAttribute('aria-disabled')).toBe('true');
    late.open();
    await panel.shows('.batch-title', '2 layers edited.');
    // The choice of undo is there again for the next batch.
    await panel.shows('.check-row', 'One undo for all layers');
  });

  it('starts from what is there, and says so, when what an overlay was made from is gone', async () => {
    const { document, images, avatars } = await avatarDocument();
    const [avatar] = avatars as [NodeData];
    markEdited(document, avatar);
    const node = document.get(avatar.id);
    const origin = { kind: 'copy', sourceId: '9:9', appliedHash: hashOf(node), isOverlay: true };
    node.pluginData = { ...node.pluginData, origin: JSON.stringify(origin) };
    const { window } = await open({ document, images }, avatars);
    await panel.shows('.notes', 'What this was made from is gone. Changes start from what is here.');
    // Its recipe is in the picture already.
    expect(await window.frame.locator('.chip').count()).toBe(0);
  });

  it('gives back the memory of thumbnails that it draws anew', async () => {
    const { document, images, avatars } = await avatarDocument();
    const { window } = await open({ document, images }, avatars);
    await panel.prompt.waitFor();
    await panel.addText('face with hat');
    await panel.press('Apply');
    await panel.shows('.history-picture', '');
    await panel.press('hat, Noah');
    await panel.previewReady();
    await window.frame.evaluate(() => {
      const create = URL.createObjectURL.bind(URL);
      const revoke = URL.revokeObjectURL.bind(URL);
      const live = new Set<string>();
      URL.createObjectURL = (blob) => {
        const url = create(blob);
        live.add(url);
        return url;
      };
      URL.revokeObjectURL = (url) => {
        live.delete(url);
        revoke(url);
      };
      Object.assign(globalThis, { liveUrls: () => live.size });
    });
    const liveUrls = (): Promise<number> =>
      window.frame.evaluate(() => (globalThis as unknown as { liveUrls(): number }).liveUrls());
    for (let times = 0; times < 4; times++) await panel.press('Favourite');
    await expect.poll(liveUrls).toBe(0);
  });

  it('previews what stands in the field also on the next layer', async () => {
    const { document, images, avatars } = await avatarDocument(2);
    const { editor } = await open({ document, images }, avatars.slice(0, 1));
    await panel.prompt.waitFor();
    await panel.prompt.fill('face with hat');
    await panel.previewReady();
    editor.select(avatars[1] as NodeData);
    await panel.shows('.selection-name', 'Kim');
    await panel.shows('.preview-label', 'Before');
    await panel.previewReady();
  });
});
