import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSettings, settingNames, userSettings } from '@deltaspace/daemon';
import { repositoryRoot } from './embedded-files.js';

const document = await readFile(path.join(repositoryRoot, 'docs/operating.md'), 'utf8');

describe('docs/operating.md', () => {
  it('names every setting with its variable and flag', () => {
    const rows = [...document.matchAll(/^\| `(\S+)` +\| `(DELTASPACE_\w+)` +\| `(--\S+)` +\|$/gm)].map((row) =>
      row.slice(1),
    );
    const expected = settingNames.map((name) => {
      const { key, variable, flag } = userSettings[name];
      return [key.join('.'), variable, flag];
    });
    expect(rows).toEqual(expected);
  });

  it('shows a settings file that is accepted, with every setting', () => {
    const example = /```toml\n([\s\S]*?)```/.exec(document)?.[1] ?? '';
    expect(Object.keys(parseSettings(example, 'config.toml'))).toEqual(settingNames);
  });
});
