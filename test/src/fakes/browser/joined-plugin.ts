/**
 * The whole plugin: the packaged main side in QuickJS with the fake editor around it, and the packaged page in Chromium, joined
 * message by message as Figma joins them.
 */
import type { Browser } from 'playwright-core';
import { startPlugin, type RunningPlugin, type StartWish } from '../figma/run-plugin.js';
import { openFigmaWindow, type FigmaWindow, type FigmaWindowOptions } from './figma-window.js';

export interface JoinedPlugin {
  readonly plugin: RunningPlugin;
  readonly editor: RunningPlugin['editor'];
  readonly window: FigmaWindow;
  close(): Promise<void>;
}

export async function joinPlugin(
  browser: Browser,
  html: string,
  wish: StartWish,
  options: Partial<FigmaWindowOptions> = {},
): Promise<JoinedPlugin> {
  const plugin = await startPlugin({ ...wish, greets: false });
  const { editor } = plugin;
  let opened: FigmaWindow | undefined;
  let isClosed = false;
  // Figma delivers messages in their order; so does one page that is asked one thing after the other.
  let sending: Promise<void> = Promise.resolve();
  editor.onMessageToUi((message) => {
    sending = sending.then(() => (isClosed ? undefined : opened?.send(message)));
  });
  const waiting: unknown[] = [];
  const deliver = (message: unknown): void => {
    if (opened === undefined) waiting.push(message);
    else if (!isClosed) editor.ui.onmessage?.(message);
  };
  opened = await openFigmaWindow({ browser, html, ...options, onMessage: deliver });
  waiting.splice(0).forEach(deliver);
  const window = opened;
  return {
    plugin,
    editor,
    window,
    async close() {
      isClosed = true;
      await sending;
      await window.close();
      plugin.close();
    },
  };
}
