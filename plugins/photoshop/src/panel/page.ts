/** The page that Photoshop loads: it holds the script and nothing else, the panel is made by code. */
import { packageFiles } from '../manifest/manifest.js';

export function panelPage(): string {
  return [
    '<!DOCTYPE html>',
    '<html>',
    `<head><meta charset="utf-8"><script src="${packageFiles.script}"></script></head>`,
    '<body></body>',
    '</html>',
    '',
  ].join('\n');
}
