/** Writes the folder that Figma imports: manifest, script and page, and nothing else. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { daemonPorts } from '@deltaspace/shared-protocol';
import { createManifest, packagedFiles } from '../manifest/manifest.js';
import { manifestSchema } from '../manifest/manifest-schema.js';
import { bundleLimits, bundleMain, bundleUi } from './bundle.js';

/** A file that was written. */
export interface PackagedFile {
  readonly name: string;
  readonly sizeBytes: number;
}

/**
 * Empties the folder and writes the plugin into it. `ports` are where it looks for a daemon: manifest and page have the same.
 * @throws Error when a bundle is larger than its bound; nothing is written then.
 */
export async function packagePlugin(folder: string, ports: readonly number[] = daemonPorts): Promise<PackagedFile[]> {
  const [code, ui] = await Promise.all([bundleMain(), bundleUi(ports)]);
  requireSize(packagedFiles.code, code, bundleLimits.codeBytes);
  requireSize(packagedFiles.ui, ui, bundleLimits.uiBytes);
  const manifest = `${JSON.stringify(manifestSchema.parse(createManifest(ports)), null, 2)}\n`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const contents = { [packagedFiles.manifest]: manifest, [packagedFiles.code]: code, [packagedFiles.ui]: ui };
  return Promise.all(
    Object.entries(contents).map(async ([name, text]) => {
      await writeFile(path.join(folder, name), text);
      return { name, sizeBytes: Buffer.byteLength(text) };
    }),
  );
}

function requireSize(name: string, text: string, mostBytes: number): void {
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes > mostBytes)
    throw new Error(`expected ${name} of at most ${mostBytes} bytes, got ${sizeBytes}; see what it imports`);
}
