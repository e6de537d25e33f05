/** The small parts of the queue, each alone. */
import { describe, expect, it } from 'vitest';
import { DurationEstimates } from './duration-estimates.js';
import { fingerprint } from './fingerprint.js';
import { RecentResults } from './recent-results.js';

describe('the fingerprint of a request', () => {
  it('does not depend on the order of members', () => {
    const inputs = { a: 'x', b: 'y' };
    const turned = { b: 'y', a: 'x' };
    const print = (given: Record<string, string>): string =>
      fingerprint({ kind: 'run', params: { pack: 'p', network: 'n', inputs: given } });
    expect(print(turned)).toBe(print(inputs));
    expect(print({ a: 'y', b: 'x' })).not.toBe(print(inputs));
  });

  it('depends on the kind of request and on the order in lists', () => {
    const invert = { image: { encoding: 'file', digest: 'd' }, encoding: 'png' } as const;
    const edit = { ...invert, targets: ['a', 'b'] };
    expect(fingerprint({ kind: 'edit', params: edit })).not.toBe(
      fingerprint({ kind: 'edit', params: { ...edit, targets: ['b', 'a'] } }),
    );
    expect(fingerprint({ kind: 'invert', params: invert })).not.toBe(fingerprint({ kind: 'edit', params: invert }));
  });
});

describe('estimates of durations', () => {
  it('follow what jobs of the kind took, the newest most', () => {
    const estimates = new DurationEstimates();
    expect(estimates.ofWhole('edit')).toBeUndefined();
    estimates.learn('edit', 100);
    expect(estimates.ofWhole('edit')).toBe(100);
    expect(estimates.ofWhole('mix')).toBeUndefined();
    for (let index = 0; index < 30; index++) estimates.learn('edit', 200);
    expect(estimates.ofWhole('edit')).toBeCloseTo(200, 0);
  });

  it('of a running job come from others first, then from its own pace, and are never negative', () => {
    const estimates = new DurationEstimates();
    expect(estimates.ofRest('edit', 50, 0)).toBeUndefined();
    estimates.learn('edit', 100);
    expect(estimates.ofRest('edit', 30, 0)).toBe(70);
    expect(estimates.ofRest('edit', 500, 0)).toBe(0);
    expect(estimates.ofRest('edit', 300, 0.75)).toBe(100);
  });
});

describe('recent results', () => {
  function under(limits: { jobs: number; bytes: number }) {
    const pinned: string[] = [];
    const results = new RecentResults(limits, (digests) => {
      pinned.push(...digests);
      return () => void digests.forEach((digest) => pinned.splice(pinned.indexOf(digest), 1));
    });
    return { results, pinned };
  }

  it('stay pinned until newer ones exceed the number', () => {
    const { results, pinned } = under({ jobs: 2, bytes: 1000 });
    for (const digest of ['a', 'b', 'c']) results.keep([{ digest, sizeBytes: 1 }]);
    expect(pinned).toEqual(['b', 'c']);
  });

  it('stay pinned until newer ones exceed the bytes; a result above them is not pinned at all', () => {
    const { results, pinned } = under({ jobs: 10, bytes: 100 });
    results.keep([{ digest: 'a', sizeBytes: 60 }]);
    results.keep([{ digest: 'b', sizeBytes: 60 }]);
    expect(pinned).toEqual(['b']);
    results.keep([{ digest: 'c', sizeBytes: 101 }]);
    expect(pinned).toEqual([]);
  });
});
