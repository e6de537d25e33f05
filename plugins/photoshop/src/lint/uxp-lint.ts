/**
 * The UXP lint: proves of a package that its page, scripts and styles use nothing that UXP lacks.
 *
 * A browser is no proof: it has all of it. What is forbidden comes from Adobe's list of known issues and from what other plugins
 * found out. It cannot know values that are computed when the plugin runs.
 */
import { lintCss } from './css-lint.js';
import type { Finding } from './finding.js';
import { lintHtml } from './html-lint.js';
import { lintScript } from './script-lint.js';

const linters: Readonly<Record<string, (text: string) => readonly Finding[]>> = {
  css: lintCss,
  html: lintHtml,
  js: lintScript,
};

/** All findings in the files of a package, each with the name of its file. */
export function lintPackage(files: ReadonlyMap<string, Uint8Array>): readonly (Finding & { readonly file: string })[] {
  return [...files].flatMap(([file, bytes]) => {
    const lint = linters[file.slice(file.lastIndexOf('.') + 1)];
    return lint === undefined ? [] : lint(new TextDecoder().decode(bytes)).map((finding) => ({ file, ...finding }));
  });
}
