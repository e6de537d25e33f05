/** The fuzzer's finds, again: every reader of foreign bytes reads each input or refuses it by its own error, soon. */
import { describe, expect, it } from 'vitest';
import { seededUniform } from '@deltaspace/onnx-graph/testing';
import { readCorpus } from './corpus.js';
import { mutate } from './mutate.js';
import { complaintAbout, fuzzTargets } from './targets.js';

/** Changes of the corpus that every run of the tests tries, the same each time; `npm run fuzz` goes on from there. */
const changesPerTarget = 3000;

describe.each(Object.entries(fuzzTargets))('the reader of %s', (name, target) => {
  it('reads what it begins with, or refuses it', () => {
    expect(target.seeds().map((input) => complaintAbout(target, input))).toEqual(target.seeds().map(() => null));
  });

  it('reads or refuses every input of the corpus', () => {
    const corpus = readCorpus(name);
    expect(corpus.length).toBeGreaterThan(5);
    for (const input of corpus)
      expect([Buffer.from(input).toString('base64'), complaintAbout(target, input)]).toContain(null);
  });

  it('reads or refuses changes of the corpus', () => {
    const chance = seededUniform(1);
    const corpus = [...target.seeds(), ...readCorpus(name)];
    const any = (): Uint8Array => corpus[Math.floor(chance() * corpus.length)] as Uint8Array;
    for (let i = 0; i < changesPerTarget; i++) {
      const input = mutate(any(), any(), chance);
      const complaint = complaintAbout(target, input);
      if (complaint !== null) expect.fail(`${Buffer.from(input).toString('base64')}: ${complaint}`);
    }
  });
});

it('the judge of readers notices another error', () => {
  const broken = { ...fuzzTargets['npy']!, read: () => void (null as unknown as number[]).length };
  expect(complaintAbout(broken, new Uint8Array())).toContain('TypeError');
});
