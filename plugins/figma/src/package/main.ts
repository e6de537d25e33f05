/** `npm run package:figma`: writes `plugins/figma/dist-plugin`, to be imported into Figma from its manifest. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { packagePlugin } from './package-plugin.js';

const folder = fileURLToPath(new URL('../../dist-plugin', import.meta.url));
const files = await packagePlugin(folder);
for (const { name, sizeBytes } of files) console.log(`${path.join(folder, name)}  ${(sizeBytes / 1024).toFixed(1)} kB`);
