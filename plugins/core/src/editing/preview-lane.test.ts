import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { ProtocolError } from '@deltaspace/shared-protocol';
import { ManualClock, settle } from '../testing/manual-clock.js';
import { laneLimits, PreviewLane, type ChangeKind } from './preview-lane.js';

/** A lane whose runs the test ends. */
function openLane() {
  const clock = new ManualClock();
  const runs: { request: number; isOpen: boolean; queue: () => void; end: (isFine: boolean) => void }[] = [];
  const values: number[] = [];
  const failures: unknown[] = [];
  let idle = 0;
  const lane = new PreviewLane<number, number>({
    after: (delayMs, callback) => clock.after(delayMs, callback),
    run: (request, signal, onProgress) =>
      new Promise((resolve, reject) => {
        const run = {
          request,
          isOpen: true,
          queue: () => onProgress({ stage: 'queued', fraction: 0 }),
          end: (isFine: boolean) => {
            run.isOpen = false;
            if (isFine) resolve(request);
            else reject(new ProtocolError('edit_failed', 'no'));
          },
        };
        signal.addEventListener('abort', () => {
          run.isOpen = false;
          reject(new ProtocolError('cancelled', 'cancelled'));
        });
        runs.push(run);
      }),
    onValue: (value) => values.push(value),
    onFailure: (error) => failures.push(error),
    onIdle: () => (idle += 1),
  });
  const open = () => runs.filter(({ isOpen }) => isOpen);
  return { lane, clock, runs, values, failures, open, idle: () => idle };
}

describe('a lane', () => {
  it('runs one and keeps the newest', async () => {
    const { lane, runs, values } = openLane();
    for (const request of [1, 2, 3]) lane.ask(request);
    expect(runs.map(({ request }) => request)).toEqual([1]);
    runs[0]?.end(true);
    await settle();
    runs[1]?.end(true);
    await settle();
    expect([values, lane.isBusy]).toEqual([[1, 3], false]);
  });

  it('begins soon after a drag begins, however long it lasts', async () => {
    const { lane, clock, runs } = openLane();
    for (let request = 0; request < 10; request++) {
      lane.ask(request, 'drag');
      await clock.advance(laneLimits.dragMs / 4);
    }
    expect(runs.map(({ request }) => request)).toEqual([3]);
  });

  it('begins when typing has paused', async () => {
    const { lane, clock, runs } = openLane();
    for (let request = 0; request < 5; request++) {
      lane.ask(request, 'type');
      await clock.advance(laneLimits.typeMs - 1);
    }
    expect(runs).toEqual([]);
    await clock.advance(1);
    expect(runs.map(({ request }) => request)).toEqual([4]);
  });

  it('takes back a run that waits in the daemon’s queue when a newer one comes', async () => {
    const { lane, runs, failures } = openLane();
    lane.ask(1);
    runs[0]?.queue();
    lane.ask(2);
    await settle();
    expect([runs.map(({ request }) => request), failures]).toEqual([[1, 2], []]);
  });

  it('goes on after a failure', async () => {
    const { lane, runs, failures, values } = openLane();
    lane.ask(1);
    lane.ask(2);
    runs[0]?.end(false);
    await settle();
    runs[1]?.end(true);
    await settle();
    expect([failures.length, values]).toEqual([1, [2]]);
  });

  it('tells nothing of what was cancelled', async () => {
    const { lane, failures, values, clock } = openLane();
    lane.ask(1);
    lane.ask(2, 'drag');
    lane.cancel();
    await clock.advance(1000);
    expect([failures, values, lane.isBusy]).toEqual([[], [], false]);
  });

  it('never has more than one running and one waiting, and ends with the newest', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('ask' as const), kind: fc.constantFrom<ChangeKind>('drag', 'type', 'done') }),
      fc.record({ do: fc.constant('wait' as const), forMs: fc.integer({ min: 0, max: 400 }) }),
      fc.record({ do: fc.constant('end' as const), isFine: fc.boolean() }),
      fc.record({ do: fc.constant('queue' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { lane, clock, runs, open, values } = openLane();
        let newest = 0;
        for (const one of steps) {
          if (one.do === 'ask') lane.ask(++newest, one.kind);
          else if (one.do === 'wait') await clock.advance(one.forMs);
          else if (one.do === 'queue') open()[0]?.queue();
          else open()[0]?.end(one.isFine);
          await settle(1);
          expect(open().length).toBeLessThanOrEqual(1);
        }
        let rounds = 0;
        while (lane.isBusy && rounds++ < 4) {
          await clock.advance(laneLimits.typeMs);
          open()[0]?.end(true);
          await settle(1);
        }
        expect(lane.isBusy).toBe(false);
        // Whatever waited at the end was one request: at most two rounds empty the lane.
        expect(rounds).toBeLessThanOrEqual(3);
        const started = runs.map(({ request }) => request);
        expect(started).toEqual([...started].sort((a, b) => a - b));
        expect(started[started.length - 1] ?? 0).toBe(newest);
        expect(values.every((value) => started.includes(value))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
