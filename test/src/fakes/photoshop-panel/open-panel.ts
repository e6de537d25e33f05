/**
 * The plugin's built panel in a page of Chromium, over the fake Photoshop in the same page: as a test drives it.
 *
 * The page has no origin, as a plugin's has none worth the name: requests and sockets both say `Origin: null`. UXP asks nobody for
 * access to the local network, so the browser is told that it was granted; the manifest's permissions are checked instead.
 */
import { buildPlugin, packageFiles, type Manifest } from '@deltaspace/photoshop-plugin';
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import type { RecordedStep } from '../photoshop/fake-photoshop.js';
import type { PanelHost } from './panel-page.js';

/** The port of the manifest behind which the test's daemon is. */
const listedPort = 7411;

/** Photoshop's darkest and lightest themes, as the variables of UXP tell them. */
export const themes = {
  dark: {
    '--uxp-host-background-color': '#323232',
    '--uxp-host-text-color': '#e3e3e3',
    '--uxp-host-border-color': '#555555',
    '--fake-field-color': '#262626',
    '--fake-button-color': '#3d3d3d',
    '--fake-selected-color': '#d1d1d1',
    '--fake-quiet-color': '#b5b5b5',
  },
  light: {
    '--uxp-host-background-color': '#f0f0f0',
    '--uxp-host-text-color': '#323232',
    '--uxp-host-border-color': '#c4c4c4',
    '--fake-field-color': '#ffffff',
    '--fake-button-color': '#fafafa',
    '--fake-selected-color': '#4b4b4b',
    '--fake-quiet-color': '#5a5a5a',
  },
} as const;

export interface OpenPanelOptions {
  readonly browser: Browser;
  /** Where the daemon of the test listens. */
  readonly port: number;
  readonly theme?: keyof typeof themes;
  readonly size?: { readonly width: number; readonly height: number };
  /** Whether the panel is opened; commands and actions work without it. Default true. */
  readonly isOpen?: boolean;
  readonly scale?: number;
  /** What the secure storage holds already: a token, for a plugin that was paired before. */
  readonly secrets?: readonly (readonly [string, string])[];
  readonly recorded?: readonly RecordedStep[];
}

export interface OpenedPanel {
  readonly page: Page;
  /** What went wrong in the page and nobody caught. */
  readonly errors: readonly string[];
  /** Calls something of the page's `panelHost`. */
  call<Name extends keyof PanelHost>(
    name: Name,
    ...parameters: Parameters<PanelHost[Name]>
  ): Promise<Awaited<ReturnType<PanelHost[Name]>>>;
  close(): Promise<void>;
}

export async function openPanel(options: OpenPanelOptions): Promise<OpenedPanel> {
  const { browser, port, theme = 'dark', size = { width: 300, height: 760 }, isOpen = true, scale = 1 } = options;
  const [host, files] = await Promise.all([pageScript(), pluginFiles()]);
  const context = await browser.newContext({
    viewport: size,
    deviceScaleFactor: scale,
    permissions: ['local-network-access'],
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
  await page.setContent('<!DOCTYPE html><html><head></head><body></body></html>');
  // The browser's driver puts a script into the page when it is first needed, and that one needs what is taken away below.
  await page.locator('body').allTextContents();
  await page.evaluate(host);
  const call: OpenedPanel['call'] = (name, ...parameters) =>
    page.evaluate(
      ([method, given]) => {
        const { panelHost } = globalThis as unknown as { panelHost: Record<string, (...all: unknown[]) => unknown> };
        return panelHost[method]!(...given) as never;
      },
      [name, parameters as unknown[]] as const,
    );
  await call('setTheme', themes[theme]);
  const manifest = JSON.parse(files.manifest) as Manifest;
  await call('load', {
    manifest,
    script: files.script,
    ports: { listed: listedPort, actual: port },
    openPanel: isOpen,
    secrets: options.secrets ?? [],
    recorded: options.recorded ?? [],
  });
  return { page, errors, call, close: () => context.close() };
}

let builtPage: Promise<string> | undefined;
let builtPlugin: Promise<{ manifest: string; script: string }> | undefined;

function pageScript(): Promise<string> {
  builtPage ??= build({
    entryPoints: [fileURLToPath(new URL('panel-page.ts', import.meta.url)).replace('/dist/', '/src/')],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
  }).then(({ outputFiles }) => outputFiles[0]!.text);
  return builtPage;
}

function pluginFiles(): Promise<{ manifest: string; script: string }> {
  const text = new TextDecoder();
  builtPlugin ??= buildPlugin().then((files) => ({
    manifest: text.decode(files.get(packageFiles.manifest)),
    script: text.decode(files.get(packageFiles.script)),
  }));
  return builtPlugin;
}
