/** `npm run docs:screenshots:photoshop [-- FOLDER]`: renews the pictures of the Photoshop panel in the documents. */
import process from 'node:process';
import { launchBrowser } from '../fakes/browser/launch-browser.js';
import { photoshopScreenshots } from './photoshop.js';

const { browser, why } = await launchBrowser();
if (browser === undefined) throw new Error(why);
try {
  for (const path of await photoshopScreenshots(browser, process.argv[2] ?? 'docs/images')) {
    process.stdout.write(`${path}\n`);
  }
} finally {
  await browser.close();
}
