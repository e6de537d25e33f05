/**
 * `deltaspace evaluate` as a user runs it, on a pack of random weights: figures and page come, repeatably, and mean nothing.
 * What the pack that ships scores is tested beside the sources.
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deltaspace, type CommandResult } from '../fakes/command.js';
import { temporaryFolder } from '../fakes/daemon-process.js';
import { saveJudgedPack } from '../fixtures/judged-pack.js';

let folder: string;

const evaluate = (...rest: readonly string[]): Promise<CommandResult> =>
  deltaspace(['evaluate', ...rest], { dataRoot: path.join(folder, 'data'), cwd: folder });

beforeAll(async () => {
  folder = await temporaryFolder();
  await mkdir(path.join(folder, 'folder.html'));
  await saveJudgedPack(path.join(folder, 'data', 'packs', 'tiny'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Two runs of a quarter of a minute; training may take most of the processor. */
const timeoutMs = 600_000;

interface Report {
  report: string;
  timings: object;
  edits: { cases: number; methods: Record<string, { overall: { psnr: number }; what: string }> };
  floors: { reached: boolean; value: number | null }[];
}

describe('evaluate', () => {
  /** The page without its times. */
  const page = async (name: string): Promise<string> =>
    (await readFile(path.join(folder, name), 'utf8')).replace(/<section>\s*<h2>Times<\/h2>.*?<\/section>/s, '');

  it(
    'prints every figure, writes a page, and does both again alike but for the times',
    async () => {
      const all = ['--pack', 'tiny', '--avatars', '1', '--seed', '7', '--json'];
      const first = await evaluate(...all);
      expect(first.exitCode, first.stderr).toBe(0);
      const { timings: _first, report, ...figures } = JSON.parse(first.stdout) as Report;
      expect(report).toBe('tiny-evaluation.html');
      expect(Object.keys(figures.edits.methods)).toEqual(
        expect.arrayContaining([
          'deltaedit',
          'delivered',
          'straightforward',
          'wplus',
          'styleclip-gd',
          'nothing',
          'ceiling',
        ]),
      );
      expect(figures.edits.cases).toBe(18);
      for (const { overall } of Object.values(figures.edits.methods)) expect(overall.psnr).toBeGreaterThan(0);
      expect(figures.floors.filter(({ value }) => value === null)).toEqual([]);
      const html = await page(report);
      for (const name of ['deltaedit', 'straightforward', 'wplus', 'styleclip-gd'])
        expect(html).toContain(`<caption>${name}<span`);

      const second = await evaluate(...all, '-o', 'again.html');
      const { timings: _second, report: again, ...same } = JSON.parse(second.stdout) as Report;
      expect(same).toEqual(figures);
      expect(await page(again)).toBe(html);
    },
    timeoutMs,
  );
});

describe('wrong usage of evaluate', () => {
  it.each([
    ['an unknown method', ['--methods', 'deltaedit,magic'], 'there is no method "magic"'],
    ['no method', ['--methods', ''], 'there is no method ""'],
    ['a report that is no page', ['-o', 'report.pdf'], 'must end in .html'],
    ['a report in place of a folder', ['-o', 'folder.html'], 'is a folder'],
    ['a sheet that is no PNG', ['--sheet', 'sheet.jpg'], 'must end in .png'],
    ['an unknown split', ['--split', 'train'], 'Allowed choices are validation, test'],
    ['half a seed', ['--seed', '0.5'], 'expected a whole number'],
    ['no avatars', ['--avatars', '0'], 'from 1 to 1000'],
  ])('is %s: exit code 2, said on standard error and as JSON', async (_name, commandLine, words) => {
    const { exitCode, stdout, stderr } = await evaluate(...commandLine, '--json');
    expect(exitCode).toBe(2);
    expect(stderr).toContain(words);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'usage' } });
  });

  it('is not an unknown pack, which is a failure and leaves no file', async () => {
    const { exitCode, stdout } = await evaluate('--pack', 'nobody', '--json');
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'pack_missing' } });
    expect(await readdir(folder)).not.toContain('nobody-evaluation.html');
  });
});
