/**
 * `npm run package:figma`: writes `plugins/figma/dist-plugin`, to be imported into Figma from its manifest.
 *
 * `-- --port PORT` packages it for a daemon that was started on a port of its own.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { packagePlugin } from './package-plugin.js';

const { values } = parseArgs({ options: { port: { type: 'string', multiple: true } } });
const ports = values.port?.map(readPort);
const folder = fileURLToPath(new URL('../../dist-plugin', import.meta.url));
const files = await packagePlugin(folder, ports);
for (const { name, sizeBytes } of files) console.log(`${path.join(folder, name)}  ${(sizeBytes / 1024).toFixed(1)} kB`);

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`expected --port with a number from 1 to 65535, got ${text}`);
  return port;
}
