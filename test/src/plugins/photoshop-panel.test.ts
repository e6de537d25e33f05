/** The packaged panel in Chromium with UXP's gaps, over the fake Photoshop, against a real daemon with the pack that ships. */
import { words } from '@deltaspace/photoshop-plugin';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deltaspace } from '../fakes/command.js';
import { freePort, startRealDaemon, type RealDaemon } from '../e2e/real-daemon.js';
import { launchBrowser } from '../fakes/browser/launch-browser.js';
import { openPanel, type OpenedPanel, type OpenPanelOptions } from '../fakes/photoshop-panel/open-panel.js';
import { PanelDriver } from '../fakes/photoshop-panel/panel-driver.js';
import { avatarPsd, type AvatarDocument, type AvatarOptions } from '../fakes/photoshop/avatar-document.js';
import { walk, type DocumentState, type LayerState } from '../fakes/photoshop/document-state.js';
import { changesOf, layersByImageMagick, layersByWebtoon, startImageMagick } from '../fakes/photoshop/other-readers.js';
import { readPsdFile } from '../fakes/photoshop/psd-reader.js';
import { areaOf, intersect } from '../fakes/photoshop/samples.js';

const { browser, why } = await launchBrowser();
const text = 'face with sunglasses';

let daemon: RealDaemon;
/** The token of a plugin that was paired, so that only one test has to. */
let secrets: [string, string][] = [];
let panel: OpenedPanel;
let driver: PanelDriver;

async function open(options: Partial<OpenPanelOptions> = {}): Promise<void> {
  panel = await openPanel({ browser: browser!, port: daemon.port, secrets, ...options });
  driver = new PanelDriver(panel);
}

interface Opened extends AvatarDocument {
  readonly id: number;
  /** The bytes of the document as it was opened. */
  readonly saved: Uint8Array;
}

async function openAvatar(options: AvatarOptions = {}): Promise<Opened> {
  const avatar = await avatarPsd(options);
  const id = await panel.call('open', avatar.file, 'portrait.psd', 'portrait');
  await driver.until('.layer-name', 'portrait');
  return { ...avatar, id, saved: await panel.call('save', id) };
}

const layerNamed = (state: DocumentState, name: string): LayerState =>
  [...walk(state.layers)].find(({ layer }) => layer.name === name)!.layer;

const isEqual = (one: ArrayBufferView, other: ArrayBufferView): boolean =>
  Buffer.compare(
    Buffer.from(one.buffer, one.byteOffset, one.byteLength),
    Buffer.from(other.buffer, other.byteOffset, other.byteLength),
  ) === 0;

/** Selects a layer and clicks in the same turn: before the panel can have heard of the layer. */
const andClick = (selector: string, id: number, layerId: number): Promise<void> =>
  panel.page.evaluate(
    ([clicked, ...given]) => {
      const page = globalThis as unknown as {
        document: { querySelector(selector: string): { click(): void } };
        panelHost: { select(id: number, layerId: number): void };
      };
      page.panelHost.select(...given);
      page.document.querySelector(clicked).click();
    },
    [selector, id, layerId] as const,
  );

/** Clicks, and does something of the host in the same turn: before the daemon can have answered. */
const clickAnd = (selector: string, name: 'deleteLayer' | 'close', ...parameters: number[]): Promise<void> =>
  panel.page.evaluate(
    ([clicked, method, given]) => {
      const page = globalThis as unknown as {
        document: { querySelector(selector: string): { click(): void } };
        panelHost: Record<string, (...all: number[]) => void>;
      };
      page.document.querySelector(clicked).click();
      page.panelHost[method]!(...given);
    },
    [selector, name, parameters] as const,
  );

describe.skipIf(why !== undefined)(`the Photoshop panel${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  beforeAll(async () => {
    await startImageMagick();
    daemon = await startRealDaemon(undefined, { port: await freePort() });
    await open();
    const { code } = await daemon.client.call('pairing.begin', {});
    await driver.pair(code);
    secrets = await panel.call('secrets');
    await panel.close();
  });
  afterAll(async () => {
    await daemon.dispose();
    await browser?.close();
  });
  beforeEach(() => open());
  afterEach(async () => {
    expect(panel.errors).toEqual([]);
    expect((await panel.call('leaks')).imageData).toBe(0);
    await panel.close();
  });

  it('keeps the token in the secure storage, and says what is wrong with a code', async () => {
    expect(secrets.map(([key]) => key)).toEqual(expect.arrayContaining(['deltaspace.token']));
    await panel.close();
    await open({ secrets: [] });
    await driver.until('.banner-title', 'Pair this plugin once');
    await driver.type('.code', '12');
    await driver.until('.banner-title', 'That is no pairing code');
    expect(await driver.text('.layer-name')).toBe(''); // there is one thing to do, and it is all there is
  });

  describe.each([{ depth: 8 }, { depth: 16, profile: 'Adobe RGB (1998)' }] as const)(
    'in a document of %o',
    (format) => {
      it('makes one layer above the source, in one step, which undo takes back', async () => {
        const { id, saved, header, bounds } = await openAvatar(format);
        const steps = await panel.call('history', id);
        await driver.addText(text);
        expect(await driver.apply()).toMatch(/^"sunglasses \+\d\.\d" is a new layer\.$/);
        const name = (await panel.call('layers', id))[0]!.name;
        expect(await panel.call('history', id)).toEqual([...steps, `deltaspace: ${name}`]);
        expect((await panel.call('layers', id)).map((layer) => layer.name)).toEqual([name, 'portrait', 'Background']);

        const file = await panel.call('save', id);
        const [before, after] = [readPsdFile(saved, 'before.psd'), readPsdFile(file, 'after.psd')];
        expect(after.header).toEqual({ ...before.header, name: 'after.psd' });
        for (const kept of ['portrait', 'Background']) {
          const [source, same] = [layerNamed(before.state, kept), layerNamed(after.state, kept)];
          expect(same.raster!.bounds).toEqual(source.raster!.bounds);
          expect(isEqual(same.raster!.samples, source.raster!.samples)).toBe(true);
        }
        const { mask } = layerNamed(after.state, name);
        expect(mask!.outside).toBe(0);
        expect(intersect(mask!.bounds, bounds)).toEqual(mask!.bounds);
        const { changed, changedOutside, shown } = changesOf(header, before.state, after.state, mask!);
        expect(changedOutside).toBe(0);
        expect(changed).toBeGreaterThan(300); // a pair of sunglasses on a face of 128 pixels
        expect(shown).toBeLessThan(areaOf(bounds));

        expect(layersByImageMagick(file)).toEqual({
          size: [header.width, header.height, format.depth],
          profile: header.profile,
          layers: ['Background', 'portrait', name],
        });
        // @webtoon/psd reads no more than 8 bit.
        if (format.depth === 8)
          expect(layersByWebtoon(file).toSorted()).toEqual(['Background', 'portrait', name].toSorted());
        await panel.call('undo', id);
        expect(isEqual(await panel.call('save', id), saved)).toBe(true);
      });
    },
  );

  it('is modal only to read and to write, never while the daemon works', async () => {
    const { id } = await openAvatar();
    await driver.addText(text);
    await driver.apply();
    const scopes = await panel.call('scopes');
    const name = (await panel.call('layers', id))[0]!.name;
    expect(scopes.filter((scope) => scope !== 'deltaspace: read edit')).toEqual([
      'deltaspace: read layer',
      `deltaspace: ${name}`,
    ]);
  });

  it('shows the layer while "Before" is held, by mouse and by keyboard, and the heat map', async () => {
    await openAvatar();
    await driver.addText(text);
    const source = (): Promise<string | null> => panel.page.locator('.preview-picture').getAttribute('src');
    const after = await source();
    await panel.page.locator('.hold').hover();
    await panel.page.mouse.down();
    await driver.until('.preview-label', 'Before');
    const before = await source();
    expect(before).not.toBe(after);
    await panel.page.mouse.up();
    await driver.until('.preview-label', 'After');
    await panel.page.locator('.hold').focus();
    await panel.page.keyboard.down(' ');
    await driver.until('.preview-label', 'Before');
    await panel.page.keyboard.up(' ');
    await driver.until('.preview-label', 'After');
    await driver.click('.heat');
    await driver.until('.preview-label', 'Heat map');
    expect((await panel.call('leaks')).pictures).toBe(1); // addresses of pictures are given back
  });

  it('follows the sliders, and goes back to the defaults of the pack', async () => {
    await openAvatar();
    await driver.addText(text);
    const initial = await driver.text('.slider-value');
    await driver.drag(0, 1);
    await driver.drag(1, 0.5);
    await driver.until('.slider-value', /\+3\.0\n(49|50|51) %/);
    await driver.preview();
    expect(await driver.apply()).toBe('"sunglasses +3.0" is a new layer.');
    await driver.click('.slider-row >> nth=0 >> .reset');
    await driver.click('.slider-row >> nth=1 >> .reset');
    await driver.until('.slider-value', initial);
  });

  it('edits a result again from its source and replaces it, in one step, also after the file was closed', async () => {
    const { id } = await openAvatar();
    await driver.addText(text);
    await driver.apply();
    const [made] = await panel.call('layers', id);
    const file = await panel.call('save', id);
    await panel.call('close', id);
    const again = await panel.call('open', file, 'again.psd', made!.name);
    await driver.until('.layer-facts', 'again.psd');
    expect(await driver.text('.layer-result')).toBe(`"${made!.name}" was made from "portrait".`);
    expect(await driver.text('.chip')).toBe('sunglasses ×');
    await driver.click('.make'); // "Re-edit"
    await driver.preview();
    await driver.addText('face with red hair');
    const steps = (await panel.call('history', again)).length;
    expect(await driver.apply()).toMatch(/^"sunglasses, red hair .*" was changed\.$/);
    const layers = await panel.call('layers', again);
    expect(layers.map(({ id: layerId }) => layerId)).toEqual([made!.id, 7, 2]);
    expect(layers[0]!.name).toMatch(/^sunglasses, red hair/);
    expect(await panel.call('history', again)).toHaveLength(steps + 1);
  });

  it('lets one of several subjects be chosen by number, and edits only that one', async () => {
    const { id, bounds } = await openAvatar({ avatars: [2, 3], sidePx: 96, gapPx: 24 });
    await driver.type('.prompt-field', text);
    await driver.until('.subjects', '2 subjects: choose one');
    await driver.preview();
    await driver.click('.subject >> nth=1');
    await driver.preview();
    await driver.apply();
    const [made] = await panel.call('layers', id);
    expect(made!.bounds!.left).toBeGreaterThanOrEqual(bounds.left + 96);
    expect(made!.bounds!.right).toBeLessThanOrEqual(bounds.right);
  });

  it('keeps inside the selection', async () => {
    const { id, bounds } = await openAvatar();
    const half = { ...bounds, right: bounds.left + 64 };
    await panel.call('selectArea', id, half);
    await driver.until('.layer-facts', '64 × 128 px, inside the selection');
    await driver.addText('face with red hair');
    await driver.apply();
    const [made] = await panel.call('layers', id);
    expect(made!.bounds!.right).toBeLessThanOrEqual(half.right);
  });

  it('edits the layer that is selected, also when the click comes before the panel has heard of it', async () => {
    const { id } = await openAvatar();
    await driver.addText('face with red hair');
    await andClick('.apply', id, 2);
    expect(await driver.said()).toContain('is a new layer.');
    expect((await panel.call('layers', id)).map(({ name }) => name)).toEqual([
      'portrait',
      expect.stringMatching(/^red hair/),
      'Background',
    ]);
  });

  it('offers to place the result when the layer was deleted meanwhile', async () => {
    const { id } = await openAvatar();
    await driver.addText(text);
    await clickAnd('.apply', 'deleteLayer', id, 7);
    expect(await driver.said()).toContain('"portrait" was deleted meanwhile.');
    await driver.click('.place');
    await driver.until('.notice-text', 'is a new layer.');
    expect((await panel.call('layers', id)).map(({ name }) => name)).toEqual([
      expect.stringMatching(/^sunglasses/),
      'Background',
    ]);
  });

  it('says so when the document was closed meanwhile', async () => {
    const { id } = await openAvatar();
    await driver.addText(text);
    await clickAnd('.apply', 'close', id);
    expect(await driver.said()).toContain('"portrait.psd" was closed meanwhile.');
    expect(await driver.text('.layer-result')).toContain('No document is open.');
  });

  it('refuses what cannot be edited with words, before any work', async () => {
    const { id } = await openAvatar();
    await panel.call('deleteLayer', id, 7);
    await driver.until('.layer-result', 'No layer is selected.');
    expect(await panel.page.locator('.apply').getAttribute('disabled')).toBe('');
    expect((await panel.call('scopes')).filter((scope) => scope !== 'deltaspace: read edit')).toEqual([]);
  });

  it('cancels an edit that runs, and writes nothing', async () => {
    const { id } = await openAvatar();
    const steps = await panel.call('history', id);
    await driver.addText(text);
    await panel.page.evaluate(() => {
      const { document } = globalThis as unknown as {
        document: { querySelector(selector: string): { click(): void; textContent: string } };
      };
      document.querySelector('.apply').click();
      const timer = setInterval(() => {
        if (!document.querySelector('.progress-text').textContent.includes('Editing')) return;
        clearInterval(timer);
        document.querySelector('.cancel').click();
      }, 1);
    });
    await driver.untilGone('.progress-text');
    expect(await panel.call('history', id)).toEqual(steps);
    expect(await driver.text('.notice-text')).toBe('');
    expect(await driver.apply()).toContain('is a new layer.'); // and goes on afterwards
  });

  it('keeps edits in a history, and brings one back for another layer', async () => {
    const { id } = await openAvatar();
    await driver.addText(text);
    await driver.apply();
    await driver.click('.chip');
    await panel.call('select', id, 2);
    await driver.until('.layer-name', 'Background');
    expect(await driver.text('.notice-text')).toBe(''); // it was about the layer before
    expect(await driver.text('.chip')).toBe('');
    await driver.click('.entry');
    expect(await driver.text('.history-title')).toMatch(/^sunglasses.* · portrait$/);
    await driver.click('.restore');
    await driver.until('.chip', 'sunglasses ×');
    await driver.click('.remove');
    await driver.untilGone('.history');
  });

  it('plays a recorded edit and repeats the last one without the panel being open', async () => {
    const { id } = await openAvatar();
    await driver.addText(text);
    await driver.apply();
    const recorded = await panel.call('recorded');
    expect(recorded).toHaveLength(1);
    await panel.call('select', id, 7);
    await panel.call('runCommand', 'repeatLastEdit');
    expect(await panel.call('layers', id)).toHaveLength(4);
    await panel.close();
    await open({ isOpen: false, recorded });
    await panel.call('runCommand', 'repeatLastEdit');
    expect(await panel.call('alerts')).toEqual([words.noEditYet]); // there is no panel to say it
    const { file } = await avatarPsd({ depth: 16, avatars: [2] });
    const other = await panel.call('open', file, 'other.psd', 'portrait');
    const steps = (await panel.call('history', other)).length;
    await panel.call('playAction');
    expect(await panel.call('history', other)).toHaveLength(steps + 1);
    expect((await panel.call('layers', other))[0]!.name).toMatch(/^sunglasses/);
    expect(await panel.call('scopes')).toEqual(['Play']);
  });

  it('says that the daemon was stopped, and goes on by itself when it is back', async () => {
    const { id } = await openAvatar();
    await driver.addText(text);
    await deltaspace(['stop'], { dataRoot: daemon.dataRoot, cwd: daemon.dataRoot });
    await driver.until('.banner-title', /deltaspace was stopped|deltaspace is not running/);
    expect(await panel.page.locator('.apply').getAttribute('disabled')).toBe('');
    await deltaspace(['start', '--port', String(daemon.port)], { dataRoot: daemon.dataRoot, cwd: daemon.dataRoot });
    await driver.untilGone('.banner');
    expect(await driver.apply()).toContain('is a new layer.');
    expect((await panel.call('layers', id)).map(({ name }) => name)).toContain('portrait');
  });
});
