/**
 * A daemon process with the scripted worker: `node scripted-daemon.js DATA [OPTIONS]`. Everything but the worker is real.
 *
 * With `manualClock`, what expires does so only when the test says `{ advanceMs }` over the fork's channel.
 */
import { ManualClock, serveAsProcess, startDaemon } from '@deltaspace/daemon/testing';
import type { ScriptedDaemonOptions } from './daemon-process.js';

const dataRoot = process.argv[2];
if (dataRoot === undefined) throw new Error('usage: scripted-daemon DATA [OPTIONS]');
const {
  manualClock = false,
  openMetrics = false,
  patience,
  workerTimes = {},
} = JSON.parse(process.argv[3] ?? '{}') as ScriptedDaemonOptions;
const clock = manualClock ? new ManualClock() : undefined;
process.on('message', ({ advanceMs }: { advanceMs: number }) => {
  clock?.advance(advanceMs);
  process.send?.({ kind: 'advanced' });
});

process.exitCode = await serveAsProcess(
  startDaemon({
    dataRoot,
    port: 0,
    lifetime: 'service',
    workerEntry: new URL('./scripted-worker.js', import.meta.url),
    ...(clock === undefined ? {} : { clock }),
    ...(patience === undefined ? {} : { patience }),
    workerTimes,
    openMetrics,
  }),
);
