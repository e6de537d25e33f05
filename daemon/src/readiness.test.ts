import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { PackSummary } from '@deltaspace/shared-protocol';
import { freeBytesIn, judgeReadiness, type ReadinessFacts } from './readiness.js';

const pack = { id: 'a' } as PackSummary;
const sound: ReadinessFacts = { worker: 'ready', inventory: { models: [pack], damaged: [] }, freeBytes: 1e12 };

describe('readiness', () => {
  it('needs a worker, a sound pack and room on the disk', () => {
    expect(judgeReadiness(sound)).toEqual({
      ready: true,
      checks: { worker: 'ready', packs: { sound: 1, damaged: 0 }, disk: 'ok' },
    });
  });

  it.each<[string, Partial<ReadinessFacts>]>([
    ['a worker that restarts', { worker: 'restarting' }],
    ['no inventory yet', { inventory: undefined }],
    ['damaged packs only', { inventory: { models: [], damaged: [{ folder: 'a', reason: 'torn' }] } }],
    ['a full disk', { freeBytes: 1000 }],
    ['a folder that cannot be looked at', { freeBytes: undefined }],
  ])('is not there with %s', (_name, change) => {
    expect(judgeReadiness({ ...sound, ...change }).ready).toBe(false);
  });

  it('asks the disk, and says so when it cannot', async () => {
    expect(await freeBytesIn(tmpdir())).toBeGreaterThan(0);
    expect(await freeBytesIn('/no/such/folder')).toBeUndefined();
  });
});
