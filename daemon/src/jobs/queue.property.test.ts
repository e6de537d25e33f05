/**
 * The queue under random sequences of everything that can happen to it: requests of all kinds, cancellations, connections
 * that close, jobs of both tracks that end in every way. What must hold is compared with a plain list of what was sent.
 */
import * as fc from 'fast-check';
import { jobPriorities, ProtocolError, type JobOptions, type JobState } from '@deltaspace/shared-protocol';
import { describe, expect, it } from 'vitest';
import { isFinal } from './job.js';
import { editRequest, evaluateRequest, QueueUnderTest, settled, type Submitted } from './queue-under-test.js';
import { trackFor, trackNames, type TrackName } from './track.js';

type Step =
  | { readonly do: 'submit'; readonly options: JobOptions; readonly connection: string; readonly track: TrackName }
  | { readonly do: 'again' | 'cancel' | 'cancelJob' | 'disconnect'; readonly which: number }
  | { readonly do: 'succeed' | 'fail' | 'obey' | 'killWorker'; readonly track: TrackName };

const optionsArbitrary = fc
  .record({
    priority: fc.constantFrom(...jobPriorities),
    onDisconnect: fc.constantFrom('keep' as const, 'cancel' as const),
    lane: fc.constantFrom(undefined, 'left', 'right'),
  })
  .map(({ lane, ...rest }): JobOptions => (lane === undefined ? rest : { ...rest, lane }));

const trackArbitrary = fc.constantFrom(...trackNames);

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('submit' as const),
      options: optionsArbitrary,
      connection: fc.constantFrom('one', 'two'),
      track: trackArbitrary,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('again' as const, 'cancel' as const, 'cancelJob' as const, 'disconnect' as const),
      which: fc.nat(30),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('succeed' as const, 'fail' as const, 'obey' as const, 'killWorker' as const),
      track: trackArbitrary,
    }),
  },
);

interface Sent {
  readonly id: string;
  readonly options: JobOptions;
  readonly connection: string;
  readonly track: TrackName;
  readonly requests: Submitted[];
}

/** Applies steps to a queue, and keeps a list of what was sent. */
class Play {
  readonly test = new QueueUnderTest({ maximumQueued: 5 });
  readonly sent: Sent[] = [];
  readonly finalStates = new Map<string, JobState>();

  async take(step: Step): Promise<void> {
    const chosen = 'which' in step ? this.sent[step.which % Math.max(this.sent.length, 1)] : undefined;
    const request = chosen?.requests.at(-1);
    if (step.do === 'submit') this.#submit(step);
    else if (step.do === 'again' && chosen) chosen.requests.push(this.#request(chosen));
    else if (step.do === 'cancel') request?.cancel();
    else if (step.do === 'disconnect') request?.disconnect();
    else if (step.do === 'cancelJob' && chosen) this.test.queue.cancel(chosen.id);
    else if ('track' in step) this.#endRunning(step.do, step.track);
    await settled();
  }

  /** Lets every job end. */
  async finish(): Promise<void> {
    for (let left = 200; left > 0 && this.#hasLiveJobs(); left--)
      for (const track of trackNames) await this.take({ do: 'succeed', track });
  }

  #hasLiveJobs(): boolean {
    return this.test.store.unfinished().length > 0;
  }

  #submit({ options, connection, track }: Extract<Step, { do: 'submit' }>): void {
    const id = `job-${this.sent.length}`;
    const sent: Sent = { id, options: { ...options, jobId: id }, connection, track, requests: [] };
    sent.requests.push(this.#request(sent));
    this.sent.push(sent);
  }

  #request({ id, options, connection, track }: Sent): Submitted {
    const request = track === 'foreground' ? editRequest(id) : evaluateRequest(id);
    return this.test.submitRequest(request, options, connection);
  }

  #endRunning(how: Step['do'], track: TrackName): void {
    const running = this.test.runningOn(track);
    if (running === undefined) return;
    if (how === 'succeed') running.succeed();
    else if (how === 'fail') running.fail(new ProtocolError('edit_failed', 'no face'));
    else if (how === 'killWorker') running.killWorker();
    else if (running.hooks.signal.aborted) running.fail(new ProtocolError('cancelled', 'stopped'));
  }
}

async function play(steps: readonly Step[], check: (play: Play) => void): Promise<Play> {
  const game = new Play();
  for (const step of steps) {
    await game.take(step);
    check(game);
  }
  return game;
}

const stepsArbitrary = fc.array(stepArbitrary, { minLength: 1, maxLength: 60 });
const runs = { numRuns: 150 };

describe('the queue, whatever happens,', () => {
  it('answers every request exactly once, and ends every accepted job', async () => {
    await fc.assert(
      fc.asyncProperty(stepsArbitrary, async (steps) => {
        const game = await play(steps, ({ sent }) => {
          for (const { requests } of sent) for (const { answers } of requests) expect(answers.length).toBeLessThan(2);
        });
        await game.finish();
        for (const { id, requests } of game.sent) {
          for (const { answers } of requests) expect(answers).toHaveLength(1);
          const state = game.test.record(id)?.state;
          if (state === undefined) expect(requests[0]?.answers).toEqual(['queue_full']);
          else expect(isFinal(state)).toBe(true);
        }
        expect(game.test.pinned).toEqual([]);
        expect(game.test.uncommitted).toEqual([]);
      }),
      runs,
    );
  });

  it('never changes a job that has ended, and never goes back in its revisions', async () => {
    await fc.assert(
      fc.asyncProperty(stepsArbitrary, async (steps) => {
        const game = await play(steps, ({ test, sent, finalStates }) => {
          for (const { id } of sent) {
            const state = test.record(id)?.state;
            const before = finalStates.get(id);
            if (before !== undefined) expect(state).toBe(before);
            if (state !== undefined && isFinal(state)) finalStates.set(id, state);
          }
        });
        const revisions = game.test.changes.map(({ revision }) => revision);
        expect(revisions).toEqual([...revisions].sort((a, b) => a - b));
      }),
      runs,
    );
  });

  it('starts on each track the job of the highest priority that came first, whatever the other one does', async () => {
    await fc.assert(
      fc.asyncProperty(stepsArbitrary, fc.constantFrom(...trackNames), async (steps, track) => {
        await play(steps, ({ test }) => {
          const unfinished = test.store.unfinished().filter(({ request }) => trackFor(request.kind) === track);
          const queued = unfinished.filter(({ state }) => state === 'queued');
          const running = unfinished.filter(({ state }) => state === 'running');
          expect(running.length).toBeLessThanOrEqual(1);
          if (queued.length > 0) expect(running).toHaveLength(1);
          if (running.length > 0) expect(test.runningOn(track)?.id).toBe(running[0]?.id);
          const byPlace = [...queued].sort(
            (a, b) => jobPriorities.indexOf(a.priority) - jobPriorities.indexOf(b.priority) || a.sequence - b.sequence,
          );
          const places = byPlace.map(({ id }) => test.queue.view(id)?.progress?.queuePosition);
          expect(places).toEqual(byPlace.map((_, index) => index + 1));
        });
      }),
      runs,
    );
  });

  it('has at most one job of a lane that is not being stopped: the newest', async () => {
    await fc.assert(
      fc.asyncProperty(stepsArbitrary, async (steps) => {
        await play(steps, ({ test, sent }) => {
          const live = sent.filter(({ id }) => test.queue.view(id)?.progress !== undefined);
          const stopping = trackNames.map((track) => test.runningOn(track)).filter((job) => job?.hooks.signal.aborted);
          const isStopping = (id: string): boolean => stopping.some((job) => job?.id === id);
          const lanes = live
            .filter(({ id, options }) => options.lane !== undefined && !isStopping(id))
            .map(({ options, connection }) => `${connection}/${options.lane ?? ''}`);
          expect(new Set(lanes).size).toBe(lanes.length);
        });
      }),
      runs,
    );
  });

  it('calls a job superseded only when a newer one of its lane was accepted', async () => {
    await fc.assert(
      fc.asyncProperty(stepsArbitrary, async (steps) => {
        const game = await play(steps, () => undefined);
        await game.finish();
        for (const [index, { id, options, connection }] of game.sent.entries()) {
          if (game.test.record(id)?.state !== 'superseded') continue;
          const newer = game.sent.slice(index + 1);
          const taker = newer.find((other) => other.connection === connection && other.options.lane === options.lane);
          expect(options.lane).toBeDefined();
          expect(taker && game.test.record(taker.id)).toBeDefined();
        }
      }),
      runs,
    );
  });

  it('lets a job that is kept end only by itself, by its lane or by a cancellation', async () => {
    const withoutCancel = stepsArbitrary.map((steps) => steps.filter((step) => !step.do.startsWith('cancel')));
    await fc.assert(
      fc.asyncProperty(withoutCancel, async (steps) => {
        const game = await play(steps, () => undefined);
        await game.finish();
        for (const { id, options } of game.sent) {
          const state = game.test.record(id)?.state;
          if (options.onDisconnect === 'keep') expect(state).not.toBe('cancelled');
        }
      }),
      runs,
    );
  });
});
