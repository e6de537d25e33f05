/** Inputs that are kept: one file per target under `test/fixtures/fuzz`, one input per line, as base64. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../fixtures/fuzz/', import.meta.url));
const fileOf = (target: string): string => path.join(folder, `${target}.txt`);

export function readCorpus(target: string): Uint8Array[] {
  if (!existsSync(fileOf(target))) return [];
  const lines = readFileSync(fileOf(target), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => new Uint8Array(Buffer.from(line, 'base64')));
}

export function writeCorpus(target: string, inputs: readonly Uint8Array[]): void {
  mkdirSync(folder, { recursive: true });
  const lines = [...new Set(inputs.map((input) => Buffer.from(input).toString('base64')))].filter(
    (line) => line !== '',
  );
  writeFileSync(fileOf(target), `${lines.sort().join('\n')}\n`);
}
