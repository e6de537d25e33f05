/** The files that are made from the schemas and the vectors, and how: what `npm run docs` writes and tests find current. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { asyncApiDocument } from './asyncapi.js';
import { protocolDocument, renewReference } from './reference.js';
import { vectorFiles } from './vector-files.js';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

export const asyncApiFile = path.join(repository, 'docs', 'asyncapi.json');
export const vectorFolder = path.join(repository, 'test', 'fixtures', 'protocol');

export interface GeneratedFile {
  readonly file: string;
  /** The content that the file should have; `before` is what it has, or nothing. */
  render(before: string): string;
}

export const generatedFiles: readonly GeneratedFile[] = [
  { file: protocolDocument, render: renewReference },
  { file: asyncApiFile, render: () => `${JSON.stringify(asyncApiDocument(), null, 2)}\n` },
  ...Object.entries(vectorFiles()).map(([name, content]) => ({
    file: path.join(vectorFolder, name),
    render: () => content,
  })),
];

/** The path as people write it. */
export function nameOf({ file }: GeneratedFile): string {
  return path.relative(repository, file);
}

/** Writes what is not current, and returns the names of those files. */
export async function renewAll(): Promise<string[]> {
  const renewed: string[] = [];
  for (const generated of generatedFiles) {
    const before = await contentOf(generated);
    const after = generated.render(before);
    if (after === before) continue;
    await mkdir(path.dirname(generated.file), { recursive: true });
    await writeFile(generated.file, after);
    renewed.push(nameOf(generated));
  }
  return renewed;
}

/** What the file has now; empty when there is none. */
export async function contentOf({ file }: GeneratedFile): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}
