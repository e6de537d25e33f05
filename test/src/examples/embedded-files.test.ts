import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { renewFiles, scriptingDocument } from './embedded-files.js';

describe('docs/scripting.md', () => {
  it('shows the examples as they are; run "npm run docs" when this fails', async () => {
    const document = await readFile(scriptingDocument, 'utf8');
    expect(await renewFiles(document)).toBe(document);
    for (const name of ['typescript/edit.ts', 'python/edit.py', 'shell/edit.sh'])
      expect(document).toContain(`<!-- file: examples/${name} -->`);
  });
});

describe('copies of files in a document', () => {
  it('are replaced by what the files hold, also where a text looks like a replacement pattern', async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'deltaspace-docs-'));
    await writeFile(path.join(root, 'a.py'), "print('$& $1')\n");
    const stale = 'before\n<!-- file: a.py -->\n\nold\n\n<!-- end of file -->\nafter\n';
    expect(await renewFiles(stale, root)).toBe(
      "before\n<!-- file: a.py -->\n\n```python\nprint('$& $1')\n```\n\n<!-- end of file -->\nafter\n",
    );
    await expect(renewFiles(stale.replace('a.py', 'gone.py'), root)).rejects.toThrow(/ENOENT/);
    await rm(root, { recursive: true });
  });
});
