/**
 * `npm run docs:screenshots`: writes the pictures of `plugins/figma/README.md` into `docs/images`, from the packaged plugin against
 * a real daemon with the pack that ships. The same harness as the tests; nothing is drawn by hand.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleUi } from '@deltaspace/figma-plugin';
import sharp from 'sharp';
import { freePort, startRealDaemon } from '../e2e/real-daemon.js';
import { avatarDocument } from '../fakes/browser/avatar-document.js';
import { FigmaPanel } from '../fakes/browser/figma-panel.js';
import { joinPlugin, type JoinOptions } from '../fakes/browser/joined-plugin.js';
import { launchBrowser } from '../fakes/browser/launch-browser.js';
import { drawCanvas } from './draw-canvas.js';

/** Bound of one picture: they are in the repository. */
const mostBytes = 150_000;
const folder = fileURLToPath(new URL('../../../docs/images/', import.meta.url));

const { browser, why } = await launchBrowser();
if (browser === undefined) throw new Error(why);
const daemon = await startRealDaemon(undefined, { port: await freePort() });
const html = await bundleUi([daemon.port]);
let token: unknown;

/** Palette and compression bring a panel to some 40 kB. */
async function write(name: string, picture: Buffer): Promise<void> {
  const small = await sharp(picture).png({ palette: true, colours: 128, effort: 10, compressionLevel: 9 }).toBuffer();
  if (small.length > mostBytes) throw new Error(`expected ${name} of at most ${mostBytes} bytes, got ${small.length}`);
  await writeFile(path.join(folder, name), small);
  console.log(`docs/images/${name}  ${(small.length / 1024).toFixed(0)} kB`);
}

/** Opens the plugin on so many avatars and lets a scene play in it. */
async function scene(
  count: 1 | 3,
  options: JoinOptions,
  play: (
    panel: FigmaPanel,
    shoot: (name: string) => Promise<void>,
    draw: (name: string) => Promise<void>,
  ) => Promise<void>,
): Promise<void> {
  if (browser === undefined) throw new Error('expected a browser');
  const { document, images, avatars } = await avatarDocument(count);
  const storage = token === undefined ? {} : { 'deltaspace.token': token };
  const joined = await joinPlugin(browser, html, { document, images, storage }, { selected: avatars, ...options });
  const panel = new FigmaPanel(joined.window.frame);
  if (token === undefined) {
    await panel.shows('.banner', 'Pair this plugin once');
    await write('figma-pairing.png', await joined.window.page.screenshot());
    const { code } = await daemon.client.call('pairing.begin', {});
    await panel.pair(code);
    token = joined.editor.storage.get('deltaspace.token');
  }
  await play(
    panel,
    async (name) => write(name, await joined.window.page.screenshot({ animations: 'disabled' })),
    async (name) => write(name, await drawCanvas(document, images, 1.5)),
  );
  await joined.close();
}

try {
  await mkdir(folder, { recursive: true });
  await scene(1, { height: 620 }, async (panel, shoot, draw) => {
    await panel.addText('face with sunglasses');
    await panel.previewReady();
    await panel.rest();
    await shoot('figma-panel-light.png');
    await panel.addText('face with hat');
    await panel.press('Variations');
    await panel.press('Make board');
    await panel.shows('.notice', 'Board of 6 pictures placed');
    await draw('figma-board.png');
  });
  await scene(1, { theme: 'dark', height: 720 }, async (panel, shoot) => {
    await panel.addText('face with hat');
    await panel.addText('face with sunglasses');
    await panel.press('Heat map');
    await panel.previewReady();
    await panel.press('Variations');
    await panel.rest();
    await shoot('figma-panel-dark.png');
  });
  await scene(3, { height: 720 }, async (panel, shoot) => {
    await panel.addText('face with sunglasses');
    await panel.previewReady();
    await panel.press('Apply to 3 layers');
    await panel.shows('.batch-title', '3 layers edited.');
    await panel.rest();
    await shoot('figma-batch.png');
  });
} finally {
  await browser.close();
  await daemon.dispose();
}
