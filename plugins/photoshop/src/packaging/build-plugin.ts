/// <reference types="node" />
/**
 * Builds the plugin: one script for UXP (CommonJS, ES2020, the host's modules left to be required), page, manifest, icons.
 *
 * Reads sources and writes nothing; `main.ts` beside it puts the files onto the disk.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { iconFiles } from '../manifest/icons.js';
import { createManifest, packageFiles } from '../manifest/manifest.js';
import { panelPage } from '../panel/page.js';

/** The folder of this workspace; the same from `src` and from `dist`. */
const workspaceFolder = fileURLToPath(new URL('../../', import.meta.url));

/** All files of the package by their names. */
export async function buildPlugin(): Promise<ReadonlyMap<string, Uint8Array>> {
  const description = JSON.parse(await readFile(`${workspaceFolder}package.json`, 'utf8')) as { version: string };
  const text = new TextEncoder();
  return new Map([
    [packageFiles.manifest, text.encode(`${JSON.stringify(createManifest(description.version), undefined, 2)}\n`)],
    [packageFiles.page, text.encode(panelPage())],
    [packageFiles.script, await bundle(description.version)],
    ...iconFiles(),
  ]);
}

async function bundle(version: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: ['src/panel/main.ts'],
    absWorkingDir: workspaceFolder,
    bundle: true,
    write: false,
    format: 'cjs',
    // V8 of Photoshop 25; no syntax beyond it.
    target: 'es2020',
    platform: 'browser',
    conditions: ['source'],
    external: ['photoshop', 'uxp'],
    define: { pluginVersion: JSON.stringify(version) },
    minifyWhitespace: true,
    charset: 'utf8',
    legalComments: 'inline',
    sourcemap: false,
    logLevel: 'silent',
  });
  return outputFiles[0]!.contents;
}
