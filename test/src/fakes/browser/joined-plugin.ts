/**
 * The whole plugin: the packaged main side in QuickJS with the fake editor around it, and the packaged page in Chromium, joined
 * message by message as Figma joins them.
 */
import type { Browser } from 'playwright-core';
import type { NodeData } from '../figma/document.js';
import { startPlugin, type RunningPlugin, type StartWish } from '../figma/run-plugin.js';
import { openFigmaWindow, type FigmaWindow, type FigmaWindowOptions } from './figma-window.js';

export interface JoinedPlugin {
  readonly plugin: RunningPlugin;
  readonly editor: RunningPlugin['editor'];
  readonly window: FigmaWindow;
  close(): Promise<void>;
}

export interface JoinOptions extends Partial<Omit<FigmaWindowOptions, 'browser' | 'html' | 'onMessage'>> {
  /** What is selected when the plugin starts. */
  readonly selected?: readonly NodeData[];
  /** Called with the name of each request of the page before the main side gets it: others work in the same file. It gets it when the promise resolves, if there is one. */
  readonly beforeRequest?: (name: string, params: Readonly<Record<string, unknown>>) => void | Promise<void>;
}

export async function joinPlugin(
  browser: Browser,
  html: string,
  wish: StartWish,
  { beforeRequest, selected = [], ...options }: JoinOptions = {},
): Promise<JoinedPlugin> {
  const plugin = await startPlugin({ ...wish, greets: false });
  const { editor } = plugin;
  editor.select(...selected);
  let isClosed = false;
  const opening = openFigmaWindow({
    browser,
    html,
    ...options,
    onMessage: (message) => {
      if (isClosed) return;
      const { type, params } = message as { type: string; params: Readonly<Record<string, unknown>> };
      const wait = beforeRequest?.(type, params);
      if (wait === undefined) editor.ui.onmessage?.(message);
      else void wait.then(() => (isClosed ? undefined : editor.ui.onmessage?.(message)));
    },
  });
  // Figma delivers messages in their order; so does one page that is asked one thing after the other.
  let sending: Promise<unknown> = opening;
  editor.onMessageToUi((message) => {
    sending = sending.then(async () => (isClosed ? undefined : (await opening).send(message)));
  });
  const window = await opening;
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
