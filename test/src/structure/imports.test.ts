/**
 * The import rules that a per-file lint cannot see: folders of a package depend on each other in one direction only, and only
 * the folder that owns a library imports it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const packages = ['shared-protocol', 'onnx-graph', 'models', 'daemon'];

interface SourceFile {
  /** Folder inside `src`, or the name of a file directly in it. */
  readonly folder: string;
  readonly file: string;
  readonly imports: readonly string[];
}

/** Product sources of a package with what they import; tests are not part of the structure. */
function sourcesOf(name: string): SourceFile[] {
  const root = path.join(repository, name, 'src');
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => {
      const text = readFileSync(path.join(root, file), 'utf8');
      const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] as string);
      return { folder: topFolder(file), file, imports };
    });
}

/** The folder of a file; a file directly in `src` stands for itself. */
const topFolder = (file: string): string => (file.split(path.sep)[0] as string).replace(/\.(ts|js)$/, '');

/** Folders that each folder imports. */
function folderGraph(sources: readonly SourceFile[]): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>();
  for (const { folder, file, imports } of sources)
    for (const target of imports.filter((specifier) => specifier.startsWith('.'))) {
      const other = topFolder(path.normalize(path.join(path.dirname(file), target)));
      if (other !== folder) graph.set(folder, (graph.get(folder) ?? new Set()).add(other));
    }
  return graph;
}

/** A cycle of folders, or null. */
function findCycle(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] | null {
  const visit = (folder: string, trail: readonly string[]): string[] | null => {
    if (trail.includes(folder)) return [...trail.slice(trail.indexOf(folder)), folder];
    for (const next of graph.get(folder) ?? []) {
      const cycle = visit(next, [...trail, folder]);
      if (cycle) return cycle;
    }
    return null;
  };
  for (const folder of graph.keys()) {
    const cycle = visit(folder, []);
    if (cycle) return cycle;
  }
  return null;
}

describe.each(packages)('%s', (name) => {
  it('has no cycle between folders', () => {
    expect(findCycle(folderGraph(sourcesOf(name)))).toBeNull();
  });
});

describe('daemon', () => {
  it.each([
    ['onnxruntime-node', 'runtime'],
    ['koffi', 'runtime'],
    ['ws', 'server'],
    ['express', 'server'],
    ['prom-client', 'metrics'],
    ['smol-toml', 'config'],
    ['@keckelt/tsne', 'analysis'],
    ['@photostructure/sqlite', 'jobs'],
  ])('imports %s in %s only', (library, owner) => {
    const users = sourcesOf('daemon').filter(({ imports }) => imports.includes(library));
    expect(new Set(users.map(({ folder }) => folder))).toEqual(new Set(users.length > 0 ? [owner] : []));
  });
});

it('finds a cycle when there is one', () => {
  const graph = new Map([
    ['a', new Set(['b'])],
    ['b', new Set(['c'])],
    ['c', new Set(['b'])],
  ]);
  expect(findCycle(graph)).toEqual(['b', 'c', 'b']);
});
