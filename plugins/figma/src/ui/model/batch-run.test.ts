import { describe, expect, it } from 'vitest';
import { type BatchItem, type BatchState } from '@deltaspace/plugin-core';
import { summaryOf } from './batch-run.js';

const states = {
  done: { kind: 'done', warnings: [] },
  failed: { kind: 'failed', failure: { code: 'edit_failed', title: '', explanation: '', canRetry: false } },
  cancelled: { kind: 'cancelled' },
} as const satisfies Record<string, BatchItem['state']>;

const batchOf = (...kinds: readonly (keyof typeof states)[]): BatchState => ({
  items: kinds.map((kind, index) => ({ id: `1:${index}`, name: `Layer ${index}`, state: states[kind] })),
  progress: { stage: 'done', fraction: 1 },
  isRunning: false,
});

describe('what became of a batch', () => {
  it.each([
    [batchOf('done', 'done'), 'keep', [], '2 layers edited.'],
    [batchOf('done', 'failed'), 'keep', [], '1 layer edited, 1 failed.'],
    [batchOf('done', 'failed', 'cancelled'), 'keep', [], '1 layer edited, 1 failed, 1 not begun.'],
    [batchOf('done', 'done', 'cancelled'), 'revert', [], '2 layers as before.'],
    [batchOf('done', 'done'), 'revert', ['layer_changed'], '1 layer as before. 1 layer changed meanwhile and stayed.'],
    [batchOf('done', 'done'), 'revert', ['layer_gone'], '1 layer as before. 1 layer was deleted meanwhile.'],
  ] as const)('is one sentence', (batch, outcome, failures, sentence) => {
    expect(summaryOf(batch, outcome, failures)).toBe(sentence);
  });
});
