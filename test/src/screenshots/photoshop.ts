/**
 * The pictures of the Photoshop plugin's documents: `photoshop-*.png`, made of the packaged panel against a real daemon.
 *
 * They show the real panel in a browser whose widgets only resemble Photoshop's; the captions say so.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { freePort, startRealDaemon, type RealDaemon } from '../e2e/real-daemon.js';
import { openPanel, type OpenedPanel, type OpenPanelOptions } from '../fakes/photoshop-panel/open-panel.js';
import { PanelDriver } from '../fakes/photoshop-panel/panel-driver.js';
import { avatarPsd } from '../fakes/photoshop/avatar-document.js';

/** Bytes of one picture: documents are cloned by everybody. */
const pictureLimitBytes = 150_000;

/** Colours that a picture keeps when it would be too large otherwise. */
const colours = 128;

/** Writes all pictures and returns their paths. */
export async function photoshopScreenshots(browser: Browser, folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const daemon = await startRealDaemon(undefined, { port: await freePort() });
  const shots = new Shots(browser, daemon, folder);
  try {
    await shots.pairing();
    await shots.editing('photoshop-preview', 'dark');
    await shots.editing('photoshop-preview-light', 'light');
    await shots.subjects();
    await shots.reEdit();
    return shots.paths;
  } finally {
    await daemon.dispose();
  }
}

class Shots {
  readonly paths: string[] = [];
  readonly #browser: Browser;
  readonly #daemon: RealDaemon;
  readonly #folder: string;
  #secrets: [string, string][] = [];

  constructor(browser: Browser, daemon: RealDaemon, folder: string) {
    this.#browser = browser;
    this.#daemon = daemon;
    this.#folder = folder;
  }

  async pairing(): Promise<void> {
    const { panel, driver } = await this.#open({ size: { width: 300, height: 240 } });
    await driver.until('.banner-title', 'Pair this plugin once');
    await this.#shoot(panel, 'photoshop-pairing');
    const { code } = await this.#daemon.client.call('pairing.begin', {});
    await driver.pair(code);
    this.#secrets = await panel.call('secrets');
    await panel.close();
  }

  async editing(name: string, theme: 'dark' | 'light'): Promise<void> {
    const { panel, driver } = await this.#open({ theme, size: { width: 300, height: 560 } });
    await this.#openAvatar(panel, { avatars: [1] });
    await driver.addText('face with sunglasses');
    await driver.drag(0, 0.75);
    await driver.preview();
    if (theme === 'light') {
      await driver.click('.heat');
      await driver.until('.preview-label', 'Heat map');
    }
    await this.#shoot(panel, name);
    await panel.close();
  }

  async subjects(): Promise<void> {
    const { panel, driver } = await this.#open({ size: { width: 300, height: 700 } });
    await this.#openAvatar(panel, { avatars: [2, 3, 4], gapPx: 40 });
    await driver.addText('face with sunglasses');
    await driver.click('.subject >> nth=1');
    await driver.until('.subject.chosen', '2');
    await driver.preview();
    await this.#shoot(panel, 'photoshop-subjects');
    await panel.close();
  }

  async reEdit(): Promise<void> {
    const { panel, driver } = await this.#open({ size: { width: 300, height: 740 } });
    const id = await this.#openAvatar(panel, { avatars: [4] });
    for (const text of ['face with sunglasses', 'face with green hair']) {
      await driver.addText(text);
      await driver.apply();
      await panel.call('select', id, 7);
      await driver.until('.layer-name', 'portrait');
      await driver.click('.chip');
    }
    const [newest] = await panel.call('layers', id);
    await panel.call('select', id, newest!.id);
    await driver.click('.make');
    await driver.preview();
    await driver.click('.entry >> nth=0');
    await this.#shoot(panel, 'photoshop-re-edit');
    await panel.close();
  }

  async #open(options: Partial<OpenPanelOptions>): Promise<{ panel: OpenedPanel; driver: PanelDriver }> {
    const panel = await openPanel({
      browser: this.#browser,
      port: this.#daemon.port,
      secrets: this.#secrets,
      scale: 2,
      ...options,
    });
    return { panel, driver: new PanelDriver(panel) };
  }

  async #openAvatar(panel: OpenedPanel, options: Parameters<typeof avatarPsd>[0]): Promise<number> {
    const { file } = await avatarPsd({ sidePx: 256, ...options });
    const id = await panel.call('open', file, 'portrait.psd', 'portrait');
    await new PanelDriver(panel).until('.layer-name', 'portrait');
    return id;
  }

  async #shoot(panel: OpenedPanel, name: string): Promise<void> {
    // A focus ring is of no interest in a document.
    await panel.page.mouse.move(1, 1);
    await panel.page.evaluate(() => {
      (
        globalThis as unknown as { document: { activeElement: { blur(): void } | null } }
      ).document.activeElement?.blur();
    });
    const shot = await panel.page.screenshot();
    const bytes = await sharp(shot).png({ palette: true, colours, effort: 10 }).toBuffer();
    if (bytes.length > pictureLimitBytes)
      throw new Error(`${name} has ${bytes.length} bytes, more than a document needs`);
    const target = path.join(this.#folder, `${name}.png`);
    await writeFile(target, bytes);
    this.paths.push(target);
  }
}
