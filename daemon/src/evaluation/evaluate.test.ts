/** Small evaluations of the pack that ships. Repeatability, and packs with all methods: test/src/e2e/evaluate.test.ts. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluatePack, type EvaluationReport } from './evaluate.js';
import { drawReport, type ReportPictures } from './report-pictures.js';

/** The pack that ships, on as few avatars as its figures allow. */
const packDirectory = fileURLToPath(new URL('../../../models/packs/avatars/', import.meta.url));
const small = {
  packDirectory,
  avatarsPerText: 2,
  pictures: 256,
  split: 'validation',
  methods: ['deltaedit'],
  texts: ['sunglasses', 'mix-beard-glasses-suit'],
  log: () => undefined,
} as const;

/** A quarter of a minute alone; training may run beside it. */
const hookTimeoutMs = 300_000;

describe('an evaluation', () => {
  let report: EvaluationReport;
  let pictures: ReportPictures;
  beforeAll(async () => {
    report = await evaluatePack(small);
    pictures = await drawReport({ packDirectory, report, avatars: 2, cell: 32, log: small.log });
  }, hookTimeoutMs);

  it('measures the texts and methods it is asked for', () => {
    const { edits, split } = report;
    expect(split).toBe('validation');
    expect(edits.texts.map(({ name }) => name)).toEqual(small.texts);
    expect(edits.cases).toBe(4);
    expect(Object.keys(edits.methods)).toEqual(
      expect.arrayContaining(['nothing', 'ceiling', 'deltaedit', 'delivered', 'deltaedit without R_s']),
    );
    expect(edits.methods['straightforward']).toBeUndefined();
    // What the reconstruction of the truth scores is as good as an edit can get, give or take one of four avatars.
    const successOf = (name: string) => edits.methods[name]?.overall.successRate ?? Number.NaN;
    expect(successOf('nothing')).toBe(0);
    expect(successOf('ceiling')).toBeGreaterThanOrEqual(0.75);
  });

  it('draws no pictures of another pack than it measured', async () => {
    const other = { ...report, pack: { ...report.pack, digest: 'ab12' } };
    await expect(drawReport({ packDirectory, report: other, log: small.log })).rejects.toThrow('was replaced');
  });

  it('draws single texts under their captions, for measured methods only', () => {
    expect(pictures.sheets.map(({ title }) => title)).toEqual(['truth', 'deltaedit']);
    expect(pictures.sheets.map(({ columns }) => columns.map(({ caption }) => caption))).toEqual([
      ['the layer', 'the layer, decoded', 'face with sunglasses'],
      ['the layer', 'face with sunglasses'],
    ]);
    const [, edited] = pictures.sheets;
    expect(Buffer.from(edited?.columns[1]?.png ?? [])).not.toEqual(Buffer.from(edited?.columns[0]?.png ?? []));
  });
});

it('refuses texts that are not standard', async () => {
  await expect(evaluatePack({ ...small, texts: ['frown'] })).rejects.toThrow('no standard text frown');
});

it('stops when it is cancelled', async () => {
  await expect(evaluatePack({ ...small, signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
});
