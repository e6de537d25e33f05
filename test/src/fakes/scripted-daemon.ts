/**
 * A daemon process with the scripted worker: `node scripted-daemon.js DATA [OPTIONS]`. Everything but the worker is real.
 *
 * With `manualClock`, what expires does so only when the test says so over the fork's channel (`ScriptedDaemonMessage`).
 */
import { defaultWorkerEntry, ManualClock, serveAsProcess, startDaemon } from '@deltaspace/daemon/testing';
import type { ScriptedDaemonMessage, ScriptedDaemonOptions } from './daemon-process.js';

const dataRoot = process.argv[2];
if (dataRoot === undefined) throw new Error('usage: scripted-daemon DATA [OPTIONS]');
const {
  manualClock = false,
  openMetrics = false,
  patience,
  connections,
  workerTimes = {},
  realWorker = false,
  smallTraining = false,
} = JSON.parse(process.argv[3] ?? '{}') as ScriptedDaemonOptions;
const clock = manualClock ? new ManualClock() : undefined;
let turns: number | undefined;
process.on('message', ({ advanceMs, turns: wanted }: ScriptedDaemonMessage) => {
  if (advanceMs !== undefined) clock?.advance(advanceMs);
  if (wanted === 'count') countTurns();
  process.send?.({ kind: 'done', ...(turns === undefined ? {} : { turns }) });
});

/** Counts how often the event loop gets round while it has something to do. Keeps nothing going. */
function countTurns(): void {
  const isCounting = turns !== undefined;
  turns = 0;
  if (!isCounting) countTurn();
}

function countTurn(): void {
  setImmediate(() => {
    turns = (turns ?? 0) + 1;
    countTurn();
  }).unref();
}

process.exitCode = await serveAsProcess(
  startDaemon({
    dataRoot,
    port: 0,
    lifetime: 'service',
    workerEntry: realWorker ? defaultWorkerEntry : new URL('./scripted-worker.js', import.meta.url),
    ...(smallTraining ? { backgroundEntry: new URL('./small-training-worker.js', import.meta.url) } : {}),
    ...(clock === undefined ? {} : { clock }),
    ...(patience === undefined ? {} : { patience }),
    ...(connections === undefined ? {} : { connections }),
    workerTimes,
    openMetrics,
  }),
);
