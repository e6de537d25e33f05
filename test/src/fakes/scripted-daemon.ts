/**
 * A daemon process with the scripted worker: `node scripted-daemon.js DATA [TIMES]`. Everything but the worker is real.
 * TIMES is JSON: shorter times of the worker's life than those of a daemon for people.
 */
import { serveAsProcess, startDaemon, type DaemonOptions } from '@deltaspace/daemon/testing';

const [, , dataRoot, times = '{}'] = process.argv;
if (dataRoot === undefined) throw new Error('usage: scripted-daemon DATA');

process.exitCode = await serveAsProcess(
  startDaemon({
    dataRoot,
    port: 0,
    lifetime: 'service',
    workerEntry: new URL('./scripted-worker.js', import.meta.url),
    workerTimes: JSON.parse(times) as NonNullable<DaemonOptions['workerTimes']>,
  }),
);
