import { describe, expect, it } from 'vitest';
import type { VariantReport } from './edit-report.js';
import type { EvaluationReport } from './evaluate.js';
import { renderReport } from './report-html.js';
import type { ReportPictures } from './report-pictures.js';
import { describeReport } from './report-text.js';

const alignment = {
  recallAt1: 0.99,
  recallAt5: 1,
  pairedCosine: 0.6,
  randomCosine: 0.001,
  deltaPairedCosine: 0.8123,
  deltaRandomCosine: -0.0105,
  deltaRecallAt1: 0.9,
  modalityGap: 0.4,
};

const scores = (successRate: number) => ({
  ...{ successRate, preservationRate: 0.97, psnr: 27.125, layerPsnr: 20, identity: 0.9, cases: 2 },
});

const variant = (what: string, successRate: number): VariantReport => ({
  what,
  overall: scores(successRate),
  texts: { smile: scores(successRate) },
  frechetClip: 12.34,
});

const report: EvaluationReport = {
  pack: {
    id: 'little',
    version: '0.0.1',
    digest: 'ab12',
    resolution: 16,
    defaults: { strength: 1, threshold: 0.05, clampStyles: true, styleclip: { strength: 2, threshold: 0.25 } },
    licence: 'MIT',
    provenance: { recipe: 'by hand' },
  },
  split: 'test',
  seed: 31,
  clip: {
    sparse: alignment,
    rich: alignment,
    zeroShot: { mouth: 0.955 },
    zeroShotMean: 0.955,
    heldOutSynonyms: { mean: 0.85, words: { grin: 0.85 } },
  },
  autoencoder: { psnr: 32.5, ssim: 0.98, images: 4, attributesKept: { mouth: 0.875 } },
  classifier: { mouth: 0.9125 },
  edits: {
    avatarsPerText: 2,
    texts: [
      { name: 'smile', target: 'smiling face', unseen: false },
      { name: 'sad', target: 'somebody who looks sad', unseen: true },
    ],
    cases: 2,
    styleclip: { strength: 3, threshold: 0.1 },
    methods: {
      nothing: variant('unedited', 0.01),
      deltaedit: variant("the product's edit", 0.925),
      wplus: variant('the mapper of W+', 0.5),
    },
  },
  floors: [
    { figure: 'edit success', value: 0.925, required: '≥ 0.9', reached: true },
    { figure: 'edit preservation', value: 0.91, required: '≥ 0.96', reached: false },
    { figure: 'ahead of straightforward', value: Number.NaN, required: '≥ 0', reached: false },
  ],
  timings: { totalSeconds: 12.3, parts: { rendering: 4.5 } },
};

const png = Uint8Array.of(137, 80, 78, 71);
const pictures: ReportPictures = {
  avatars: 2,
  cell: 16,
  sheets: [
    {
      title: 'deltaedit',
      what: 'edits',
      columns: [
        { caption: 'the layer', unseen: false, png },
        { caption: 'somebody who looks sad', unseen: true, png },
      ],
    },
  ],
};

/** Elements that have no end tag. */
const lone = new Set(['meta', 'img']);

/** What is wrong with the tags of a page: the first that does not close what was opened last. */
function tagFault(page: string): string | null {
  const open: string[] = [];
  for (const [tag, slash, name = ''] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)(?:\s+[a-z]+="[^"<>]*")*\s*>/g)) {
    if (slash === '' && !lone.has(name)) open.push(name);
    if (slash === '/' && open.pop() !== name) return `${tag} closes nothing`;
  }
  return open.length === 0 ? null : `<${open.join('><')}> stays open`;
}

/** `<` that start neither a tag that is understood nor the doctype. */
const strayBrackets = (page: string): string[] =>
  [...page.matchAll(/<(?!!doctype html>|\/?[a-z][a-z0-9]*(?:\s+[a-z]+="[^"<>]*")*\s*>).{0,20}/g)].map(([text]) => text);

/** The text of each cell in the row that begins with a heading. */
function rowOf(page: string, heading: string, after = ''): string[] {
  const rows = page.slice(page.indexOf(after)).match(/<tr>.*?<\/tr>/gs) ?? [];
  const row = rows.find((candidate) => candidate.startsWith(`<tr><th scope="row" class="words">${heading}`));
  return [...(row ?? '').matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, cell = '']) => cell.replace(/<[^>]*>/g, ''));
}

describe('the page', () => {
  const page = renderReport(report, pictures);

  it('is well-formed', () => {
    expect(tagFault(page)).toBeNull();
    expect(strayBrackets(page)).toEqual([]);
    expect(tagFault(page.replace('</table>', ''))).not.toBeNull();
  });

  it('loads nothing and runs nothing', () => {
    const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
    expect(addresses).toEqual(Array.from({ length: 2 }, () => 'data:image/png;base64,iVBORw=='));
    expect(page).not.toMatch(/<script|<link|url\(|@import|https?:/i);
  });

  it('says what was measured', () => {
    for (const text of ['little 0.0.1', 'ab12', '16 px', 'styleclip.threshold 0.25', 'clampStyles yes', 'test split'])
      expect(page).toContain(text);
    expect(page).toMatch(/<details>\s*<summary>[^<]*<\/summary>\s*<pre>[^<]*by hand/);
  });

  it('gives every method its row of figures, the product first and the ends of the scale last', () => {
    expect(rowOf(page, 'deltaedit')).toEqual(['92.5', '97.0', '27.13', '20.00', '0.900', '12.3']);
    const order = [...page.matchAll(/<th scope="row" class="words">(deltaedit|wplus|nothing)</g)].map(
      ([, name]) => name,
    );
    expect(order).toEqual(['deltaedit', 'wplus', 'nothing']);
    expect(page).toContain('no FID');
  });

  it('gives figures by text, and marks unseen wordings', () => {
    expect(rowOf(page, 'smiling face', 'by text and method')).toEqual(['92.5', '50.0', '1.0']);
    expect(rowOf(page, 'somebody who looks sad\u00a0*')).toEqual(['–', '–', '–', '–']);
    expect(page).toContain('<th scope="col">somebody who looks sad\u00a0*</th>');
  });

  it('gives the figures of both spaces, of words and of attributes', () => {
    expect(rowOf(page, 'DeltaSpace: cosine of random pairs')).toEqual(['−0.0105', '−0.0105']);
    expect(rowOf(page, 'grin')).toEqual(['0.850']);
    expect(rowOf(page, 'mouth')).toEqual(['95.5', '87.5', '91.3']);
  });

  it('shows which floors are reached, missed and not measured', () => {
    expect(page).toContain('1 of 3 reached, 1 missed, 1 not measured');
    expect(rowOf(page, 'edit success')).toEqual(['0.925', '≥ 0.9', 'reached']);
    expect(rowOf(page, 'edit preservation')).toEqual(['0.910', '≥ 0.96', 'missed']);
    expect(page).toContain('<span class="state missed">missed</span>');
    expect(rowOf(page, 'ahead of straightforward')).toEqual(['–', '≥ 0', 'not measured']);
  });

  it('differs from run to run in the times only', () => {
    const later = renderReport({ ...report, timings: { totalSeconds: 99.9, parts: { rendering: 4.5 } } }, pictures);
    expect(later).not.toBe(page);
    expect(later.replace('99.9', '12.3')).toBe(page);
  });
});

it('escapes everything that comes from outside', () => {
  const evil = `</pre><script>alert("1")</script>&'`;
  const { pack, edits } = report;
  const page = renderReport(
    {
      ...report,
      pack: { ...pack, id: evil, version: evil, digest: evil, licence: evil, provenance: { [evil]: evil } },
      clip: { ...report.clip, zeroShot: { [evil]: 1 }, heldOutSynonyms: { mean: 1, words: { [evil]: 1 } } },
      edits: {
        ...edits,
        texts: [{ name: evil, target: evil, unseen: true }],
        methods: { [evil]: variant(evil, 1) },
      },
      floors: [{ figure: evil, value: 1, required: evil, reached: true }],
      timings: { totalSeconds: 1, parts: { [evil]: 1 } },
    },
    { ...pictures, sheets: [{ title: evil, what: evil, columns: [{ caption: evil, unseen: false, png }] }] },
  );
  expect(page).not.toContain('<script');
  expect(page).toContain('&lt;/pre&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;');
  expect(tagFault(page)).toBeNull();
  expect(strayBrackets(page)).toEqual([]);
});

it('does without methods, pictures and figures that a pack does not give', () => {
  const bare = { ...report, edits: { ...report.edits, methods: {} } };
  const page = renderReport(bare, { avatars: 0, cell: 16, sheets: [] });
  expect(tagFault(page)).toBeNull();
  expect(rowOf(page, 'smiling face')).toEqual(['–', '–', '–', '–']);
  expect(page).not.toMatch(/NaN|undefined/);
});

describe('the lines for people', () => {
  const lines = describeReport(report, 'little.html', 'little.png');

  it('line figures up under their headings', () => {
    const tableLines = lines.slice(1, 5);
    expect(tableLines[1]).toMatch(/^deltaedit +92\.5 +97\.0 +27\.13 +20\.00 +0\.900 +12\.3$/);
    expect(new Set(tableLines.map(({ length }) => length)).size).toBe(1);
  });

  it('name floors that are missed or were not measured, and the files', () => {
    expect(lines.slice(5)).toEqual([
      'floors: 1 of 3 reached, 1 missed, 1 not measured',
      '  missed: edit preservation 0.910, required ≥ 0.96',
      '  not measured: ahead of straightforward –, required ≥ 0',
      'report: little.html',
      'sheet: little.png',
    ]);
    expect(describeReport(report, 'little.html')).toEqual(lines.slice(0, -1));
  });
});
