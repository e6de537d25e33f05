/**
 * What the daemon counts for Prometheus. This folder is the only importer of prom-client.
 *
 * Counting is cheap and happens as things happen; what can be looked up (queue, sockets, memory) is looked up at the scrape.
 * Labels are bounded: nothing that a client sends becomes one.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Events that the parts of the daemon report. */
export interface Metrics {
  uploaded(bytes: number): void;
  /** An upload was begun: was the blob there already? */
  blobAsked(held: boolean): void;
  /** A request or an upgrade was refused, by the code of the refusal. */
  refused(code: string): void;
  workerExited(exit: { readonly reason: string; readonly restarting: boolean }): void;
  jobEnded(job: EndedJob): void;
  /** The text of a scrape. */
  render(): Promise<{ contentType: string; body: string }>;
}

export interface EndedJob {
  readonly kind: string;
  readonly outcome: string;
  /** Milliseconds by stage, of a job that succeeded. */
  readonly timingsMs: Readonly<Record<string, number>>;
}

/** What is looked up at the scrape. */
export interface MetricSources {
  readonly version: string;
  queue(): { readonly waitingSinceMs: readonly number[]; readonly running: number };
  sockets(): number;
  blobBytes(): number;
  readonly nowMs: () => number;
}

/** Refusals that mean: somebody tried to get in. */
const authFailures = new Set(['unauthorized', 'wrong_origin', 'wrong_host', 'pairing_refused', 'rate_limited']);

/** Stages are named by the engine; should a pack ever name its own, they share a label beyond this number. */
const stageLabels = 64;

/** A slider step takes 15 ms, a new layer 50, a large layer or a loading pack seconds. */
const stageBucketsS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry();
  addGauges(registry, sources);
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> =>
    new Counter({ name: `deltaspace_${name}`, help, labelNames, registers });
  const uploads = counter('upload_bytes_total', 'Bytes of upload chunks that clients sent.', []);
  const lookups = counter('blob_lookups_total', 'Uploads begun, by whether the daemon held the blob.', ['held']);
  const failures = counter('auth_failures_total', 'Refused attempts to get in, by code.', ['reason']);
  const restarts = counter('worker_restarts_total', 'Deaths of the worker that it was restarted after.', ['reason']);
  const jobs = counter('jobs_total', 'Jobs that ended, by kind and outcome.', ['job', 'outcome']);
  const stages = new Histogram({
    name: 'deltaspace_stage_seconds',
    help: 'Time of each stage of the jobs that succeeded.',
    labelNames: ['job', 'stage'],
    buckets: stageBucketsS,
    registers,
  });
  const known = new Set<string>();
  const labelOf = (stage: string): string => {
    if (known.size < stageLabels) known.add(stage);
    return known.has(stage) ? stage : 'other';
  };
  return {
    uploaded: (bytes) => uploads.inc(bytes),
    blobAsked: (held) => lookups.inc({ held: String(held) }),
    refused: (code) => {
      if (authFailures.has(code)) failures.inc({ reason: code });
    },
    workerExited: ({ reason, restarting }) => {
      if (restarting) restarts.inc({ reason: exitLabel(reason) });
    },
    jobEnded: ({ kind, outcome, timingsMs }) => {
      jobs.inc({ job: kind, outcome });
      for (const [stage, ms] of Object.entries(timingsMs))
        stages.observe({ job: kind, stage: labelOf(stage) }, ms / 1000);
    },
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}

/** A label of few values from the words of worker/host.ts. */
export function exitLabel(reason: string): string {
  const signal = /\b(SIG[A-Z0-9]+)\b/.exec(reason)?.[1];
  if (signal !== undefined) return signal.toLowerCase();
  const code = /exit code (\d+)/.exec(reason)?.[1];
  return code === undefined ? 'other' : `exit_${code}`;
}

function addGauges(registry: Registry, sources: MetricSources): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({
      name: `deltaspace_${name}`,
      help,
      registers: [registry],
      collect: () => made.set(read()),
    });
  };
  const oldest = (): number => Math.min(...sources.queue().waitingSinceMs, sources.nowMs());
  gauge('queue_depth', 'Jobs that wait.', () => sources.queue().waitingSinceMs.length);
  gauge('queue_oldest_age_seconds', 'Age of the job that waits longest.', () => (sources.nowMs() - oldest()) / 1000);
  gauge('jobs_running', 'Jobs at work.', () => sources.queue().running);
  gauge('sockets', 'Open connections.', () => sources.sockets());
  gauge('blob_bytes', 'Bytes in the blob store.', () => sources.blobBytes());
  gauge('resident_memory_bytes', 'Memory of the API process; the worker has its own.', () => process.memoryUsage.rss());
  new Gauge({ name: 'deltaspace_info', help: 'Version.', labelNames: ['version'], registers: [registry] }).set(
    { version: sources.version },
    1,
  );
}
