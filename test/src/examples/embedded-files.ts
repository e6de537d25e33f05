/**
 * Files of the repository shown inside documents: each block between two marks is a copy of the file that the mark names, so
 * that a document shows what the tests run. `npm run docs` renews the copies.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const repositoryRoot = fileURLToPath(new URL('../../../', import.meta.url));
export const scriptingDocument = path.join(repositoryRoot, 'docs/scripting.md');

const block = /<!-- file: (\S+) -->\n[\s\S]*?<!-- end of file -->/g;
const languages: Readonly<Record<string, string>> = { '.ts': 'ts', '.py': 'python', '.sh': 'sh' };

/** The document with every copy renewed. @throws Error when a file is missing or of an unknown language. */
export async function renewFiles(document: string, root = repositoryRoot): Promise<string> {
  const names = [...document.matchAll(block)].map((match) => match[1] as string);
  const texts = new Map<string, string>();
  for (const name of names) texts.set(name, await readFile(path.join(root, name), 'utf8'));
  return document.replace(block, (_old, name: string) => {
    const language = languages[path.extname(name)];
    if (language === undefined) throw new Error(`${name}: expected one of ${Object.keys(languages).join(', ')}`);
    return `<!-- file: ${name} -->\n\n\`\`\`${language}\n${texts.get(name) ?? ''}\`\`\`\n\n<!-- end of file -->`;
  });
}

/** Renews docs/scripting.md; returns whether it changed. */
export async function writeScripting(): Promise<boolean> {
  const before = await readFile(scriptingDocument, 'utf8');
  const after = await renewFiles(before);
  if (after !== before) await writeFile(scriptingDocument, after);
  return after !== before;
}
