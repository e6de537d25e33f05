/**
 * Figma as the plugin’s page sees it: a parent at an https address, the page in a sandboxed iframe without an origin, theme
 * tokens on it, and messages both ways.
 *
 * Whoever opens it plays the main side: `send` to the page, `received` from it. Bytes cross between browser and test as base64.
 */
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core';
import { tokenStyle, type Theme } from './figma-tokens.js';

/** Where the parent pretends to be. */
const parentAddress = 'https://figma.test/';

/**
 * Local network access as Chromium 147 has it. A page without an origin is judged by the page around it: `allowed`, the user said
 * yes there; `unanswered`, the parent passes the question on and nobody answered; `blocked`, the parent does not pass it on.
 */
export type LocalNetwork = 'allowed' | 'unanswered' | 'blocked';

export interface FigmaWindowOptions {
  readonly browser: Browser;
  /** The packaged page. */
  readonly html: string;
  readonly theme?: Theme;
  readonly width?: number;
  readonly height?: number;
  /** Called with each message of the page. */
  readonly onMessage: (message: unknown) => void;
  /** What stands between the page and this computer; `allowed` when left out. */
  readonly localNetwork?: LocalNetwork;
}

export interface FigmaWindow {
  readonly page: Page;
  readonly frame: Frame;
  /** What the page logged as an error, or failed with. */
  readonly errors: readonly string[];
  send(message: unknown): Promise<void>;
  setTheme(theme: Theme): Promise<void>;
  resize(width: number, height: number): Promise<void>;
  close(): Promise<void>;
}

const bytesMark = '$bytes';

/** Opens the parent and the plugin’s page in it. */
export async function openFigmaWindow(options: FigmaWindowOptions): Promise<FigmaWindow> {
  const { width = 360, height = 600, theme = 'light', localNetwork = 'allowed' } = options;
  const context: BrowserContext = await options.browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: 2,
    reducedMotion: 'reduce',
    ...(localNetwork === 'allowed' ? { permissions: ['local-network-access'] } : {}),
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (line) => {
    // The browser complains of a daemon that is not there, not to be reached, or refuses a code; of nothing else.
    if (line.type() === 'error' && !/net::ERR_|Permission was denied|status of 403/.test(line.text()))
      errors.push(line.text());
  });
  await page.route(`${parentAddress}**`, (route) => route.fulfill({ contentType: 'text/html', body: parentPage }));
  await page.exposeFunction('received', (text: string) => options.onMessage(JSON.parse(text, revive)));
  await page.goto(parentAddress);
  const themed = themedPage(options.html, theme);
  await page.evaluate(([html, allow]) => (window as unknown as ParentWindow).openPlugin(html, allow), [
    themed,
    localNetwork === 'blocked' ? '' : 'loopback-network *; local-network-access *',
  ] as const);
  const handle = await page.waitForSelector('iframe');
  const frame = await handle.contentFrame();
  if (frame === null) throw new Error('expected the plugin’s iframe, got none');
  return {
    page,
    frame,
    errors,
    send: (message) =>
      page.evaluate((text) => (window as unknown as ParentWindow).sendToPlugin(text), JSON.stringify(message, replace)),
    async setTheme(next) {
      await frame.evaluate(
        ([style, name]) => {
          document.documentElement.className = `figma-${name}`;
          (document.getElementById('figma-tokens') as HTMLElement).textContent = style;
        },
        [tokenStyle(next), next] as const,
      );
    },
    resize: (newWidth, newHeight) => page.setViewportSize({ width: newWidth, height: newHeight }),
    close: () => context.close(),
  };
}

interface ParentWindow {
  openPlugin(html: string, allow: string): void;
  sendToPlugin(text: string): void;
}

/**
 * Stricter than what is known of Figma: nothing but what is inlined, no eval, and this computer. What the page tries beyond it is an
 * error in its console, and fails the test.
 */
const contentPolicy = [
  "default-src 'none'",
  "script-src 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  'img-src blob:',
  'connect-src http://localhost:* ws://localhost:*',
].join('; ');

function themedPage(html: string, theme: Theme): string {
  return html
    .replace('<html lang="en">', `<html lang="en" class="figma-${theme}">`)
    .replace(
      '<head>',
      `<head><meta http-equiv="Content-Security-Policy" content="${contentPolicy}"><style id="figma-tokens">${tokenStyle(theme)}</style>`,
    );
}

/** `JSON.stringify` asks the value’s own `toJSON` first, which byte arrays do not have. */
function replace(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { [bytesMark]: Buffer.from(value).toString('base64') } : value;
}

function revive(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(bytesMark in value)) return value;
  return new Uint8Array(Buffer.from(value[bytesMark] as string, 'base64'));
}

/** The script of the parent: plain JavaScript, as it runs in the page. */
const parentPage = `<!doctype html><html><body style="margin:0"><script>
  const mark = '${bytesMark}';
  let frame;
  const toBase64 = (bytes) => {
    let text = '';
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(text);
  };
  const replace = (_, value) => (value instanceof Uint8Array ? { [mark]: toBase64(value) } : value);
  const revive = (_, value) =>
    value && typeof value === 'object' && mark in value
      ? Uint8Array.from(atob(value[mark]), (letter) => letter.charCodeAt(0))
      : value;
  function openPlugin(html, allow) {
    frame = document.createElement('iframe');
    frame.sandbox = 'allow-scripts allow-forms allow-popups';
    frame.allow = allow;
    frame.style = 'display:block;border:0;width:100vw;height:100vh';
    frame.srcdoc = html;
    addEventListener('message', (event) => {
      if (event.source !== frame.contentWindow || event.origin !== 'null') return;
      received(JSON.stringify(event.data.pluginMessage, replace));
    });
    document.body.append(frame);
  }
  function sendToPlugin(text) {
    frame.contentWindow.postMessage({ pluginMessage: JSON.parse(text, revive) }, '*');
  }
</script></body></html>`;
