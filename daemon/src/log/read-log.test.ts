import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatLine, isAboutJob } from './format-line.js';
import { readLog } from './read-log.js';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'deltaspace-log-'));
  file = path.join(folder, 'daemon.log');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Reads the log while things happen to the file: one step each time the reader waits, then the end. */
async function follow(lines: number, steps: (() => Promise<unknown>)[]): Promise<string[]> {
  const stop = new AbortController();
  const wait = async (): Promise<void> => {
    const step = steps.shift();
    if (step === undefined) stop.abort();
    else await step();
  };
  const seen: string[] = [];
  for await (const line of readLog(file, { lines, follow: true, signal: stop.signal, wait })) seen.push(line);
  return seen;
}

async function last(lines: number): Promise<string[]> {
  const seen: string[] = [];
  const options = { lines, follow: false, signal: new AbortController().signal, wait: () => Promise.resolve() };
  for await (const line of readLog(file, options)) seen.push(line);
  return seen;
}

describe('the log', () => {
  it('gives its last lines', async () => {
    expect(await last(5)).toEqual([]);
    await writeFile(file, 'a\nb\nc\n');
    expect([await last(2), await last(9), await last(0)]).toEqual([['b', 'c'], ['a', 'b', 'c'], []]);
  });

  it('gives what is added, each line once it is whole', async () => {
    await writeFile(file, 'a\n');
    const seen = await follow(1, [
      () => appendFile(file, 'b\nha'),
      () => appendFile(file, 'lf\n'),
      () => appendFile(file, 'ä\n'),
    ]);
    expect(seen).toEqual(['a', 'b', 'half', 'ä']);
  });

  it('goes on with the new file when the old one was set aside, and waits for one that does not exist', async () => {
    const seen = await follow(5, [
      () => writeFile(file, 'a\n'),
      () => rename(file, `${file}.1`),
      () => writeFile(file, 'b\n'),
      () => appendFile(file, 'c\n'),
    ]);
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('is read from its last part only when it is large, without the line that was cut', async () => {
    const long = 'x'.repeat(1_000_000);
    await writeFile(file, `${Array.from({ length: 6 }, (_, i) => `${i}${long}`).join('\n')}\n`);
    const seen = await last(100);
    expect(seen.map((line) => line[0])).toEqual(['2', '3', '4', '5']); // four of them fit into the 4 MB that are read
    expect(seen.every((line) => line.length === long.length + 1)).toBe(true);
  });
});

describe('a line of the log', () => {
  it('is shown as time, level, message and facts', () => {
    const line = '{"level":50,"time":"2026-01-02T03:04:05.678Z","job":"a-1","note":"two words","msg":"job failed"}';
    expect(formatLine(line)).toBe('2026-01-02 03:04:05.678 ERROR job failed job=a-1 note="two words"');
    expect([isAboutJob(line, 'a-1'), isAboutJob(line, 'a'), isAboutJob('torn{', 'a')]).toEqual([true, false, false]);
  });

  it('shows the trace of an error below it', () => {
    expect(formatLine('{"level":50,"msg":"bad","err":{"stack":"Error: x\\n  at y"}}')).toBe(
      'ERROR bad\n    Error: x\n      at y',
    );
  });

  it('is shown as it is when it is no JSON', () => {
    expect(formatLine('torn {"level":')).toBe('torn {"level":');
  });
});
