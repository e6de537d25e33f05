/**
 * The whole story of a designer: the packaged page in a browser, the packaged main side in QuickJS, a real daemon with the pack
 * that ships. Nothing in between is faked but Figma itself.
 */
import { bundleUi } from '@deltaspace/figma-plugin';
import { afterAll, beforeAll, afterEach, describe, expect, it } from 'vitest';
import { freePort, startRealDaemon, type RealDaemon } from '../e2e/real-daemon.js';
import { avatarDocument } from '../fakes/browser/avatar-document.js';
import { FigmaPanel } from '../fakes/browser/figma-panel.js';
import { joinPlugin, type JoinedPlugin } from '../fakes/browser/joined-plugin.js';
import { launchBrowser } from '../fakes/browser/launch-browser.js';

const { browser, why } = await launchBrowser();
const suffix = why === undefined ? '' : ` [skipped: ${why}]`;

describe.skipIf(browser === undefined)(`the Figma plugin with a real daemon${suffix}`, () => {
  let daemon: RealDaemon;
  let html: string;
  let joined: JoinedPlugin;
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
    expect(joined.window.errors).toEqual([]);
    token = joined.editor.storage.get('deltaspace.token');
    await joined.close();
  });

  async function join(wish: Parameters<typeof joinPlugin>[2]): Promise<void> {
    if (browser === undefined) throw new Error('expected a browser');
    const storage = token === undefined ? {} : { 'deltaspace.token': token };
    joined = await joinPlugin(browser, html, { storage, ...wish });
    panel = new FigmaPanel(joined.window.frame);
  }

  it('pairs with a code, previews what was typed, applies it, and one undo restores the document exactly', async () => {
    const { document, images, avatars } = await avatarDocument();
    await join({ document, images });
    joined.editor.select(avatars[0] as never);
    await panel.shows('.banner', 'Pair this plugin once');
    const { code } = await daemon.client.call('pairing.begin', {});
    await panel.pair(code);
    await joined.window.page.screenshot({ path: '/tmp/fui-1.png' });
    await panel.addText('face with sunglasses');
    await panel.previewReady();
    await joined.window.page.screenshot({ path: '/tmp/fui-2.png' });
    const before = document.snapshot();
    await panel.press('Apply');
    await panel.shows('.notice', 'applied');
    await joined.window.page.screenshot({ path: '/tmp/fui-3.png' });
    expect(document.snapshot()).not.toEqual(before);
    expect(document.undoSteps).toBe(1);
    document.triggerUndo();
    expect(document.snapshot()).toEqual(before);
  });
});
