import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { planOutputs, slugOf, type PathKind } from './output-paths.js';

const nothingThere = (): PathKind => 'nothing';
const only = (files: Record<string, PathKind>) => (file: string) => files[file] ?? 'nothing';
const here = (file: string): string => path.resolve(file);

describe('where outputs go', () => {
  it('is the file of -o for one output', () => {
    const request = { inputs: ['in.png'], targets: ['hat'], output: 'out.png', heatmap: 'map.png' };
    expect(planOutputs(request, nothingThere)).toEqual([
      { input: 'in.png', target: 'hat', file: here('out.png'), heatmap: here('map.png') },
    ]);
  });

  it.each([
    ['exists as a folder', 'out', only({ out: 'folder' })],
    ['ends with a slash', 'out/', nothingThere],
  ])('is a name in the folder when -o %s', (_name, output, kindOf) => {
    const [planned] = planOutputs({ inputs: ['a/in.png'], targets: ['red hat'], output }, kindOf);
    expect(planned?.file).toBe(here('out/in-red-hat.png'));
  });

  it('is a name made of input and target in the current folder without -o', () => {
    const [planned] = planOutputs(
      { inputs: ['a/in.jpg'], targets: ['Face, with sunglasses!'] },
      only({ './': 'folder' }),
    );
    expect(planned?.file).toBe(here('in-face-with-sunglasses.png'));
  });

  it('is one file per input and target for several, numbered where names meet', () => {
    const request = { inputs: ['a/x.png', 'b/x.png'], targets: ['hat', 'Hat'], output: 'out', heatmap: 'maps' };
    const planned = planOutputs(request, nothingThere);
    expect(planned.map(({ file }) => path.basename(file))).toEqual([
      'x-hat.png',
      'x-hat-2.png',
      'x-hat-3.png',
      'x-hat-4.png',
    ]);
    expect(planned[0]?.heatmap).toBe(here('maps/x-hat-heatmap.png'));
  });

  it.each([
    ['a picture name for several outputs', { targets: ['a', 'b'], output: 'out.png' }, nothingThere],
    ['an existing file for several outputs', { targets: ['a', 'b'], output: 'out' }, only({ out: 'file' })],
    ['a format that is not written', { targets: ['a'], output: 'out.jpg' }, nothingThere],
    ['the input itself', { targets: ['a'], output: './in.png' }, nothingThere],
    ['the picture again as heat map', { targets: ['a'], output: 'o.png', heatmap: 'o.png' }, nothingThere],
  ])('refuses %s', (_name, request, kindOf) => {
    expect(() => planOutputs({ inputs: ['in.png'], ...request }, kindOf)).toThrow(
      expect.objectContaining({ code: 'usage' }),
    );
  });

  it('makes file names from texts in any script, never empty and never long', () => {
    expect(slugOf('Лицо в очках')).toBe('лицо-в-очках');
    expect(slugOf('../../etc')).toBe('etc');
    expect(slugOf('!!!')).toBe('edited');
    expect(slugOf('x'.repeat(500))).toHaveLength(60);
  });
});
