import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../errors.js';
import type { RequestOptions } from '../peer/peer.js';
import { callWithProgress, type Caller, type Progress } from './progress-run.js';

/** A request that the test answers. */
function openRequest(): {
  client: Caller;
  options: RequestOptions;
  answer: (value: unknown) => void;
  fail: () => void;
} {
  const request = { options: {} } as ReturnType<typeof openRequest>;
  const outcome = new Promise((resolve, reject) => {
    request.answer = resolve;
    request.fail = () => reject(new ProtocolError('worker_crashed', 'gone'));
  });
  const call = (_method: string, _params: unknown, options: RequestOptions): unknown => {
    Object.assign(request.options, options);
    return outcome;
  };
  request.client = { call } as unknown as Caller;
  return request;
}

const at = (stage: string): Progress => ({ stage, fraction: 0.5 });

describe('callWithProgress', () => {
  it('yields progress as it comes and ends with the answer', async () => {
    const { client, options, answer } = openRequest();
    const run = callWithProgress(client, 'server.status', {});
    const seen: string[] = [];
    options.onProgress?.(at('first'));
    for await (const { stage } of run) {
      seen.push(stage);
      if (stage === 'first') options.onProgress?.(at('second'));
      else answer('done');
    }
    expect(seen).toEqual(['first', 'second']);
    await expect(run.result).resolves.toBe('done');
  });

  it('keeps only the newest progress for a reader that is late, and the last one past the answer', async () => {
    const { client, options, answer } = openRequest();
    const run = callWithProgress(client, 'server.status', {});
    for (const stage of ['a', 'b', 'c']) options.onProgress?.(at(stage));
    answer('done');
    await run.result;
    const seen: string[] = [];
    for await (const { stage } of run) seen.push(stage);
    expect(seen).toEqual(['c']);
  });

  it('ends the loop when the request fails, and rejects the result only', async () => {
    const { client, fail } = openRequest();
    const run = callWithProgress(client, 'server.status', {});
    setTimeout(fail);
    for await (const progress of run) expect(progress).toBeUndefined();
    await expect(run.result).rejects.toMatchObject({ code: 'worker_crashed' });
  });

  it('passes the signal on', () => {
    const { client, options } = openRequest();
    const { signal } = new AbortController();
    void callWithProgress(client, 'server.status', {}, { signal });
    expect(options.signal).toBe(signal);
  });
});
