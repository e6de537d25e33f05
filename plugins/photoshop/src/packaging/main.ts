/**
 * `npm run package:photoshop [-- FOLDER]`: writes the plugin's folder, for the UXP Developer Tool, and the `.ccx` beside it.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { buildPlugin } from './build-plugin.js';
import { packCcx } from './ccx.js';

const target = process.argv[2] ?? 'plugins/photoshop/dist/package';
const files = await buildPlugin();
const folder = join(target, 'deltaspace');
await rm(folder, { recursive: true, force: true });
for (const [name, bytes] of files) {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), bytes);
}
const ccx = packCcx(files);
const ccxPath = join(target, 'deltaspace.ccx');
await writeFile(ccxPath, ccx);
process.stdout.write(`${folder}\n${ccxPath} (${ccx.length} bytes, ${files.size} files)\n`);
