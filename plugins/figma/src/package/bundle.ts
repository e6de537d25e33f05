/**
 * Bundles the two halves of the plugin from their sources: one script for Figma's sandbox, one page for its iframe.
 *
 * The page is a single file, because Figma loads it as a document without an origin that can fetch nothing beside it. Source
 * maps and comments with paths are left out: the folder is the same wherever it is built.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { daemonPorts } from '@deltaspace/shared-protocol';
import { build } from 'esbuild';

/** The plugin's own folder; the same from `src` and from `dist`. */
const pluginFolder = fileURLToPath(new URL('../../', import.meta.url));

/** Figma's sandbox: an interpreter of ES2020 and a little more, without a browser around it. */
const sandboxTarget = 'es2020';
/** Figma's iframe: the browser of the desktop app, and evergreen browsers. */
const pageTarget = 'es2022';

/** Bounds of the files, in bytes. Figma parses both at every start; what is near a bound deserves a look. */
export const bundleLimits = { codeBytes: 64 * 1024, uiBytes: 384 * 1024 } as const;

/** Bundles one TypeScript file with all it imports into a script without imports. */
export async function bundleScript(
  entry: string,
  target: string = sandboxTarget,
  minify = true,
  define: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { outputFiles } = await build({
    define: { ...define },
    entryPoints: [entry],
    absWorkingDir: pluginFolder,
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['source', 'import'],
    target,
    minify,
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
  });
  const [script] = outputFiles;
  if (script === undefined) throw new Error('expected one script from esbuild, got none');
  return script.text;
}

/** The main side: `code.js`. */
export const bundleMain = (): Promise<string> => bundleScript(path.join(pluginFolder, 'src/main/main.ts'));

/** The UI: `ui.html`, with script and style inlined. `ports` are those it looks at for a daemon. */
export async function bundleUi(ports: readonly number[] = daemonPorts): Promise<string> {
  const entry = path.join(pluginFolder, 'src/ui/main.ts');
  const [script, style] = await Promise.all([
    bundleScript(entry, pageTarget, true, { PACKAGED_PORTS: JSON.stringify(ports) }),
    bundleStyle(path.join(pluginFolder, 'src/ui/style/panel.css')),
  ]);
  return inlinePage(script, style);
}

/** A style sheet with all that it imports. */
async function bundleStyle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: pluginFolder,
    bundle: true,
    write: false,
    target: 'chrome110',
    minify: true,
    logLevel: 'silent',
  });
  const [style] = outputFiles;
  if (style === undefined) throw new Error('expected one style sheet from esbuild, got none');
  return style.text;
}

/** A page around a script. What would end the script element early is escaped. */
export function inlinePage(script: string, style = ''): string {
  const escaped = script.replace(/<\/(script)/gi, '<\\/$1').replace(/<!--/g, '<\\!--');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head><meta charset="utf-8"><title>deltaspace</title>',
    `<style>${style}</style></head>`,
    '<body>',
    `<script>${escaped}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
