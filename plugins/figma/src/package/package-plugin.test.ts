import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands, createManifest } from '../manifest/manifest.js';
import { manifestSchema } from '../manifest/manifest-schema.js';
import { bundleLimits, inlinePage } from './bundle.js';
import { packagePlugin } from './package-plugin.js';

let folder: string;
let code: string;
let page: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'figma-package-'));
  await packagePlugin(folder);
  code = await readFile(path.join(folder, 'code.js'), 'utf8');
  page = await readFile(path.join(folder, 'ui.html'), 'utf8');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the packaged plugin', () => {
  it('holds the manifest, the files that it names, and nothing else', async () => {
    const manifest = manifestSchema.parse(JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8')));
    expect(manifest).toEqual(createManifest());
    expect((await readdir(folder)).sort()).toEqual([manifest.main, manifest.ui, 'manifest.json'].sort());
  });

  it('stays within its bounds', () => {
    expect(Buffer.byteLength(code)).toBeLessThanOrEqual(bundleLimits.codeBytes);
    expect(Buffer.byteLength(page)).toBeLessThanOrEqual(bundleLimits.uiBytes);
  });

  it.each(['eval(', 'new Function', 'sourceMappingURL', 'import(', 'file://', path.resolve('.'), tmpdir() + path.sep])(
    'does not contain %s',
    (text) => {
      expect(code).not.toContain(text);
      expect(page).not.toContain(text);
    },
  );

  it('has a main side without network and schema library', () => {
    for (const text of ['fetch(', 'WebSocket', 'localhost', 'ZodError']) expect(code).not.toContain(text);
  });

  it('has a page that loads nothing from elsewhere', () => {
    expect(page).not.toMatch(/<(script|link|img|iframe)[^>]*\s(src|href)=/);
    expect(page.match(/<script/g)).toHaveLength(1);
  });

  it('handles the commands of its manifest that do more than open the window', () => {
    for (const command of [commands.edit, commands.variations, commands.restore])
      expect(code).toMatch(new RegExp(`["'\`]${command}["'\`]`));
  });
});

it('keeps a script from ending its own element', () => {
  const page = inlinePage('const a = "</script><!--";');
  expect(page.match(/<\/script>/g)).toHaveLength(1);
  expect(page).not.toContain('<!--');
});
