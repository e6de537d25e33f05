/**
 * The package that people install: a `.ccx` file is a zip with the manifest at its root.
 *
 * The same files give the same bytes: names are sorted and times are fixed. What must not be shipped is refused here, not
 * left to a reviewer: source maps, paths of the machine that built it, files outside the package.
 */
import { zipSync } from 'fflate';
import { packageFiles } from '../manifest/manifest.js';

/** The time of every file in the package; zip knows no earlier year than 1980. */
const fileTime = new Date(2000, 0, 1);

/** Traces of the machine that built it. */
const machinePath = /(?:file:\/\/\/|\/(?:home|Users|root|tmp|work)\/|[A-Z]:\\\\?Users)/;

/** @throws Error that names the file which must not be shipped. */
export function packCcx(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  if (!files.has(packageFiles.manifest))
    throw new Error(`${packageFiles.manifest} is missing at the root of the package`);
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, bytes] of sorted) checkFile(name, bytes);
  return zipSync(Object.fromEntries(sorted), { level: 9, mtime: fileTime });
}

function checkFile(name: string, bytes: Uint8Array): void {
  if (name.startsWith('/') || name.includes('..') || name.includes('\\')) {
    throw new Error(`${name} would be written outside of the plugin's folder`);
  }
  if (name.endsWith('.map')) throw new Error(`${name} is a source map: it must not be shipped`);
  if (!/\.(?:js|html|json|css)$/.test(name)) return;
  const text = new TextDecoder().decode(bytes);
  if (text.includes('sourceMappingURL')) throw new Error(`${name} points to a source map`);
  const path = machinePath.exec(text);
  if (path !== null) throw new Error(`${name} contains a path of the machine that built it: ${path[0]}…`);
}
