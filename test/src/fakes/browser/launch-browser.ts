/**
 * A headless Chromium for tests of pages: the one that `DELTASPACE_CHROMIUM` names, else the one that comes by npm.
 *
 * None is installed with the repository’s own tools, and not every machine runs the one of npm: whoever asks gets a reason
 * instead of a browser then, and skips by name.
 */
import chromium from '@sparticuz/chromium';
import { chromium as playwright, type Browser } from 'playwright-core';

/** Either a browser, or why there is none. */
export type LaunchedBrowser =
  { readonly browser: Browser; readonly why?: undefined } | { readonly browser?: undefined; readonly why: string };

/** How long a start may take on a busy machine. */
const launchMs = 60_000;

/**
 * As few switches as a container needs. The package’s own switches would turn off what is tested here: one of them is
 * `--disable-web-security`.
 */
const containerSwitches = [
  '--no-sandbox',
  '--no-zygote',
  '--disable-gpu',
  '--font-render-hinting=none',
  '--headless=shell',
];

export async function launchBrowser(switches: readonly string[] = []): Promise<LaunchedBrowser> {
  const reasons: string[] = [];
  for (const find of [() => Promise.resolve(process.env['DELTASPACE_CHROMIUM']), () => chromium.executablePath()]) {
    try {
      const executablePath = await find();
      if (executablePath === undefined || executablePath === '') continue;
      const args = [...containerSwitches, ...switches];
      return { browser: await playwright.launch({ executablePath, args, headless: true, timeout: launchMs }) };
    } catch (error) {
      reasons.push((error instanceof Error ? error.message : String(error)).split('\n')[0] as string);
    }
  }
  return { why: `no Chromium starts here (${reasons.join('; ')}); DELTASPACE_CHROMIUM names one` };
}
