import { describe, expect, it } from 'vitest';
import { protocolLimits } from '../limits.js';
import { describeIssues, explainIssue } from './issues.js';
import { methods, type MethodName } from './methods.js';

/** What a daemon would answer to these params; undefined when it would take them. */
function complaint(method: MethodName, params: object): string | undefined {
  const parsed = methods[method].params.safeParse(params, { error: explainIssue });
  return parsed.success ? undefined : describeIssues(parsed.error);
}

const digest = `sha256:${'ab'.repeat(32)}`;
const image = { encoding: 'file', digest };
const pixels = { encoding: 'rgba8', digest, width: 4, height: 2 };
const pair = { from: image, to: pixels };
const targets = ['face with hat'];
const texts = { from: 'face', to: 'face with hat' };
const list = (count: number): string[] => Array.from({ length: count }, () => 'hat');
const characters = (count: number): string => 'a'.repeat(count);

describe('an edit', () => {
  it.each([
    ['one target', { image, targets }],
    ['as many targets as allowed', { image, targets: list(protocolLimits.targets) }],
    ['the longest text', { image, targets: [characters(protocolLimits.textCharacters)] }],
    ['a source text', { image, targets, source: 'face' }],
    ['a source written for the layer', { image, targets, source: { mode: 'auto' } }],
    ['the pack’s noun as source', { image, targets, source: { mode: 'domain' } }],
    ['an image pair', { image, pair }],
    ['a pair with a threshold', { image, pair, threshold: 0.1 }],
    ['a negative strength', { image, targets, strength: -10 }],
    ['a number of channels', { image, targets, topChannels: protocolLimits.styleChannels }],
    ['every method', { image, targets, method: 'styleclip-gd' }],
  ])('takes %s', (_name, params) => {
    expect(complaint('edit', params)).toBeUndefined();
  });

  it.each([
    ['neither targets nor pair', { image }, 'targets: expected targets or pair, got neither; say what to change'],
    ['both', { image, targets, pair }, 'pair: expected targets or pair, got both; make two requests of it'],
    [
      'a source beside a pair',
      { image, pair, source: 'face' },
      'source: an image pair has no source text; leave it out',
    ],
    [
      'threshold and topChannels',
      { image, targets, threshold: 0, topChannels: 1 },
      'topChannels: expected threshold or topChannels, got both; each chooses the channels',
    ],
    ['half a pair', { image, pair: { from: image } }, 'pair.to: missing; expected an object'],
    ['no image', { targets }, 'image: missing; expected an object'],
    ['no targets in the list', { image, targets: [] }, 'targets: expected at least 1 item, got 0'],
    [
      'too many targets',
      { image, targets: list(protocolLimits.targets + 1) },
      'targets: expected at most 32 items, got 33; make several requests of it',
    ],
    ['an empty text', { image, targets: ['hat', ''] }, 'targets.1: expected a text, got an empty one'],
    ['white space', { image, targets: [' \n'] }, 'targets.0: expected a text, got only white space'],
    [
      'a text too long',
      { image, targets: [characters(protocolLimits.textCharacters + 1)] },
      'targets.0: expected at most 1000 characters, got 1001; shorten it',
    ],
    ['a text that is none', { image, targets: [7] }, 'targets.0: expected a text, got 7'],
    ['a single text instead of a list', { image, targets: 'hat' }, 'targets: expected a list, got "hat"'],
    ['an empty source', { image, targets, source: '' }, 'source: expected a text, got an empty one'],
    [
      'an unknown way to find a source',
      { image, targets, source: { mode: 'magic' } },
      'source: expected a text, {"mode": "auto"} or {"mode": "domain"}',
    ],
    ['a strength too high', { image, targets, strength: 10.5 }, 'strength: expected at most 10, got 10.5'],
    ['a threshold below zero', { image, targets, threshold: -0.1 }, 'threshold: expected at least 0, got -0.1'],
    ['no channels at all', { image, targets, topChannels: 0 }, 'topChannels: expected at least 1, got 0'],
    ['half a channel', { image, targets, topChannels: 1.5 }, 'topChannels: expected a whole number, got 1.5'],
    [
      'an unknown method',
      { image, targets, method: 'magic' },
      'method: expected "deltaedit", "straightforward", "wplus" or "styleclip-gd", got "magic"',
    ],
    ['an unknown member', { image, targets, strenght: 1 }, 'unknown member "strenght"; misspelt?'],
    [
      'an unknown member of a source',
      { image, targets, source: { mode: 'auto', text: 'x' } },
      'source: unknown member "text"; misspelt?',
    ],
    [
      'an image of no known encoding',
      { image: { encoding: 'bmp', digest }, targets },
      'image.encoding: expected "file" or "rgba8"',
    ],
    [
      'a digest in capitals',
      { image: { encoding: 'file', digest: digest.toUpperCase() }, targets },
      'image.digest: expected sha256: and 64 lower-case hexadecimal digits',
    ],
  ])('refuses %s', (_name, params, expected) => {
    expect(complaint('edit', params)).toBe(expected);
  });

  it('names every member that is wrong', () => {
    expect(complaint('edit', { image, targets: [''], strength: 11 })).toBe(
      'targets.0: expected a text, got an empty one; strength: expected at most 10, got 11',
    );
  });
});

describe('an interpolation', () => {
  it.each([
    ['two texts', { image, texts, steps: 2 }],
    [
      'texts with sliders and a source',
      { image, texts: { ...texts, source: { mode: 'auto' }, strength: -1 }, steps: 6 },
    ],
    ['two images, most frames', { image, other: pixels, steps: protocolLimits.frames }],
  ])('takes %s', (_name, params) => {
    expect(complaint('interpolate', params)).toBeUndefined();
  });

  it.each([
    ['neither end', { image, steps: 3 }, 'texts: expected texts or other, got neither; say where the frames lead'],
    [
      'both',
      { image, steps: 3, texts, other: image },
      'other: expected texts or other, got both; make two requests of it',
    ],
    ['one frame', { image, other: image, steps: 1 }, 'steps: expected at least 2, got 1'],
    [
      'too many frames',
      { image, other: image, steps: protocolLimits.frames + 1 },
      'steps: expected at most 64, got 65',
    ],
    ['no number of frames', { image, other: image }, 'steps: missing; expected a number'],
    [
      'an empty text',
      { image, steps: 3, texts: { from: '', to: 'hat' } },
      'texts.from: expected a text, got an empty one',
    ],
    ['one text', { image, steps: 3, texts: { from: 'hat' } }, 'texts.to: missing; expected a text'],
    [
      'an unknown member of the texts',
      { image, steps: 3, texts: { ...texts, topChannels: 3 } },
      'texts: unknown member "topChannels"; misspelt?',
    ],
    ['a heat map', { image, steps: 3, texts, heatmap: true }, 'unknown member "heatmap"; misspelt?'],
  ])('refuses %s', (_name, params, expected) => {
    expect(complaint('interpolate', params)).toBe(expected);
  });
});

describe('a mix', () => {
  it.each([
    ['two images', { content: image, style: pixels }],
    ['a cut at the last layer that can be', { content: image, style: image, fromLayer: protocolLimits.styleLayers }],
  ])('takes %s', (_name, params) => {
    expect(complaint('mix', params)).toBeUndefined();
  });

  it.each([
    ['one image', { content: image }, 'style: missing; expected an object'],
    [
      'a cut behind every layer',
      { content: image, style: image, fromLayer: protocolLimits.styleLayers + 1 },
      'fromLayer: expected at most 64, got 65',
    ],
    ['a negative cut', { content: image, style: image, fromLayer: -1 }, 'fromLayer: expected at least 0, got -1'],
    ['a strength', { content: image, style: image, strength: 1 }, 'unknown member "strength"; misspelt?'],
  ])('refuses %s', (_name, params, expected) => {
    expect(complaint('mix', params)).toBe(expected);
  });
});

describe('the words for a problem', () => {
  it('repeat only the beginning of a long value', () => {
    const words = complaint('edit', { image, targets, method: characters(5000) }) ?? '';
    expect(words).toMatch(/got "a+…$/);
    expect(words.length).toBeLessThan(200);
  });

  it('end after eight problems', () => {
    const words = complaint('edit', { image, targets: Array.from({ length: 20 }, () => '') }) ?? '';
    expect(words.split('; ')).toHaveLength(8);
  });
});
