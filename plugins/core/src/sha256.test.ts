import { createHash, webcrypto } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSha256 } from './sha256.js';
import { ManualClock } from './testing/manual-clock.js';

const expected = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('createSha256', () => {
  it.each([0, 1, 1024 * 1024, 1024 * 1024 + 1, 2_500_000])(
    'agrees with Node for %i bytes, in slices',
    async (count) => {
      const clock = new ManualClock();
      const bytes = Uint8Array.from({ length: count }, (_, index) => (index * 31) % 251);
      const digest = createSha256({ after: (delayMs, callback) => clock.after(delayMs, callback) })(bytes);
      expect(clock.pending).toBe(count > 1024 * 1024 ? 1 : 0); // it waits for the panel after the first slice
      await clock.advance(0);
      await expect(digest).resolves.toBe(expected(bytes));
    },
  );

  it('uses the platform’s own where there is one', async () => {
    let uses = 0;
    const subtle = {
      digest: (_: 'SHA-256', data: Uint8Array<ArrayBuffer>) => (uses++, webcrypto.subtle.digest('SHA-256', data)),
    };
    const bytes = Uint8Array.of(1, 2, 3);
    const sha256 = createSha256({ subtle, after: () => () => undefined });
    await expect(sha256(bytes)).resolves.toBe(expected(bytes));
    await expect(sha256(bytes)).resolves.toBe(expected(bytes));
    expect(uses).toBe(1);
  });
});
