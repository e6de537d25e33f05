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

export interface JoinOptions extends Partial<Omit<FigmaWindowOptions, 'browser' | 'html' | 'onMessage'>> {
  /** Called with the name of each request of the page before the main side gets it: others work in the same file. */
  readonly beforeRequest?: (name: string, params: Readonly<Record<string, unknown>>) => void;
}

export async function joinPlugin(
  browser: Browser,
  html: string,
  wish: StartWish,
  { beforeRequest, ...options }: JoinOptions = {},
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
    if (opened === undefined) return void waiting.push(message);
    if (isClosed) return;
    const { type, params } = message as { type: string; params: Readonly<Record<string, unknown>> };
    beforeRequest?.(type, params);
    editor.ui.onmessage?.(message);
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
