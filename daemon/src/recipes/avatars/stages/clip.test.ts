/** CLIP's losses by hand, and what a training batch holds: pictures, true captions of them, disturbances. */
import { wordsOf } from '@deltaspace/models';
import { Graph } from '@deltaspace/onnx-graph';
import { evaluateGraph } from '@deltaspace/onnx-graph/testing';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../training/index.js';
import { withAttribute, type Avatar } from '../attributes.js';
import { captionWords } from '../captions.js';
import type { RenderedAvatars } from '../dataset.js';
import { clipTextConfig, resolution, stageSettings } from '../settings.js';
import { avatarAt } from '../splits.js';
import { SYNONYMS } from '../synonyms.js';
import { WORD_DIMENSIONS } from '../word-vectors.js';
import { contrastiveLoss, deltaCosine, fillPairs, wordTable } from './clip.js';

type Rows = readonly (readonly number[])[];
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe('contrastiveLoss', () => {
  function computed(image: Rows, text: Rows, scale: number): Record<string, number> {
    const graph = new Graph('loss');
    const input = (name: string, rows: Rows) => graph.input(name, [rows.length, rows[0]?.length ?? 0]);
    const { loss, metrics } = contrastiveLoss(input('image', image), input('text', text), graph.input('scale', []));
    for (const [name, value] of Object.entries({ loss, ...metrics })) graph.output(value, `metric/${name}`);
    const results = evaluateGraph(graph, { image: image.flat(), text: text.flat(), scale: [scale] });
    return Object.fromEntries(
      Object.entries(results).map(([name, { data }]) => [name.slice('metric/'.length), Number(data[0])]),
    );
  }
  /** Mean of −log softmax of each row's own match. */
  const crossEntropy = (rows: Rows, columns: Rows, scale: number) =>
    mean(
      rows.map((row, i) => {
        const logits = columns.map((column) => scale * dot(row, column));
        return Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0)) - (logits[i] as number);
      }),
    );
  const image = [
    [1, 0],
    [0, 1],
    [0.6, 0.8],
  ];
  const text = [
    [0.8, 0.6],
    [0, 1],
    [-1, 0],
  ];

  it('is the mean cross entropy of images against texts and of texts against images', () => {
    const { loss, toText, toImage, scale } = computed(image, text, 3);
    const [first, second] = [crossEntropy(image, text, 3), crossEntropy(text, image, 3)];
    expect(Math.abs(first - second)).toBeGreaterThan(0.1);
    expect([toText, toImage]).toEqual([expect.closeTo(first, 6), expect.closeTo(second, 6)]);
    expect([loss, scale]).toEqual([expect.closeTo((first + second) / 2, 6), 3]);
  });

  it('is ln N where nothing is told apart, and near zero where each finds its own', () => {
    const same = [image[0] as number[], image[0] as number[]];
    expect(computed(same, same, 10)['loss']).toBeCloseTo(Math.log(2), 6);
    expect(computed(image.slice(0, 2), image.slice(0, 2), 30)['loss']).toBeLessThan(1e-9);
  });
});

describe('deltaCosine', () => {
  function computed(image: Rows, text: Rows): number {
    const graph = new Graph('cosine');
    const input = (name: string, rows: Rows) => graph.input(name, [rows.length, rows[0]?.length ?? 0]);
    graph.output(deltaCosine(input('image', image), input('text', text)), 'cosine');
    return Number(evaluateGraph(graph, { image: image.flat(), text: text.flat() })['cosine']?.data[0]);
  }
  const image = [
    [1, 0, 2],
    [0, 3, 1],
    [5, 1, -1],
    [2, 2, 2],
  ];

  it('is one where texts differ as pictures do, wherever the two clouds lie and however wide they are', () => {
    const elsewhere = image.map((row) => row.map((value, d) => 0.25 * value + 10 * d));
    expect(computed(image, elsewhere)).toBeCloseTo(1, 6);
    expect(
      computed(
        image,
        image.map((row) => row.map((value) => -value)),
      ),
    ).toBeCloseTo(-1, 6);
  });

  it('compares each item with the next and the last with the first', () => {
    const text = [
      [0, 1, 0],
      [2, 0, 1],
      [1, 1, 4],
      [3, -1, 0],
    ];
    const deltas = (rows: Rows) =>
      rows.map((row, i) => row.map((value, d) => ((rows[(i + 1) % rows.length] ?? [])[d] ?? 0) - value));
    const [ours, theirs] = [deltas(image), deltas(text)];
    const cosines = ours.map((row, i) => {
      const other = theirs[i] ?? [];
      return dot(row, other) / Math.hypot(...row) / Math.hypot(...other);
    });
    expect(computed(image, text)).toBeCloseTo(mean(cosines), 6);
  });
});

const words = captionWords();
const vectors = Float32Array.from({ length: words.length * WORD_DIMENSIONS }, (_, i) => i % 977);
const vocabulary = { words, vectors, withoutVector: [] };

describe('wordTable', () => {
  it('has padding in row 0 and the vector of word i in row i + 1', () => {
    const { shape, data } = wordTable(vocabulary);
    expect(shape).toEqual([words.length + 1, WORD_DIMENSIONS]);
    expect(data.subarray(0, WORD_DIMENSIONS).every((value) => value === 0)).toBe(true);
    expect(data.at(WORD_DIMENSIONS)).toBe(vectors[0]);
    expect(Buffer.from(data.slice(WORD_DIMENSIONS).buffer).equals(Buffer.from(vectors.buffer))).toBe(true);
  });
});

describe('fillPairs', () => {
  const stage = 'alignment';
  const { batch } = stageSettings[stage];
  const { contextLength, wordDim } = clipTextConfig(words.length);
  /** A face with the tongue out in pictures of black, and a bearded neutral one in pictures of white. */
  const avatars: readonly Avatar[] = [
    withAttribute(withAttribute(avatarAt('train', 1), 'mouth', 'tongue'), 'facialHair', 'none'),
    withAttribute(withAttribute(avatarAt('train', 2), 'mouth', 'neutral'), 'facialHair', 'moustache'),
  ];
  const pixels = 3 * resolution * resolution;
  const images: RenderedAvatars = {
    ...{ size: resolution, count: avatars.length, avatars },
    images: new Uint8Array(avatars.length * pixels).fill(255, pixels),
  };

  const data = {
    image: new Float32Array(batch * pixels),
    ids: new BigInt64Array(batch * contextLength),
    jitter: new Float32Array(batch * contextLength * wordDim),
  };
  fillPairs(images, vocabulary, stage)(data, new Random(5));
  const captions = Array.from({ length: batch }, (_, slot) => ({
    white: (data.image[slot * pixels] as number) > 0,
    words: [...data.ids.subarray(slot * contextLength, (slot + 1) * contextLength)].flatMap(
      (id) => words[Number(id) - 1] ?? [],
    ),
  }));
  const saying = (pattern: RegExp) => captions.filter((caption) => caption.words.some((word) => pattern.test(word)));

  it('puts a caption of its own avatar beside each picture', () => {
    const [tongues, moustaches] = [saying(/^tongues?$/), saying(/^(moustache|mustache)s?$/)];
    for (const said of [tongues, moustaches]) expect(said.length).toBeGreaterThan(batch / 16);
    expect(tongues.filter(({ white }) => white)).toEqual([]);
    expect(moustaches.filter(({ white }) => !white)).toEqual([]);
    expect(captions.filter((caption) => caption.words.length === 0)).toEqual([]);
  });

  it('writes captions anew and uses synonyms now and then', () => {
    expect(new Set(captions.map((caption) => caption.words.join(' '))).size).toBeGreaterThan(0.9 * batch);
    const ofTongue = new Set((SYNONYMS.mouth?.['sticking'] ?? []).flatMap(wordsOf));
    const varied = captions.filter((caption) => caption.words.some((word) => ofTongue.has(word)));
    expect(varied.length).toBeGreaterThan(0);
    expect(varied.length).toBeLessThan(saying(/^tongues?$/).length);
  });

  it('disturbs word vectors evenly around zero, and otherwise in the next batch', () => {
    const largest = data.jitter.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const sum = data.jitter.reduce((total, value) => total + value, 0);
    expect(largest).toBeGreaterThan(0.1);
    // Vectors' components have a deviation of about 0.5: a word must stay nearer to itself than to most others.
    expect(largest).toBeLessThan(0.25);
    expect(Math.abs(sum / data.jitter.length)).toBeLessThan(0.01 * largest);
    const next = { ...data, jitter: new Float32Array(data.jitter.length) };
    fillPairs(images, vocabulary, stage)(next, new Random(6));
    expect(next.jitter.subarray(0, 8)).not.toEqual(data.jitter.subarray(0, 8));
  });
});
