/**
 * A daemon process with the scripted worker: `node scripted-daemon.js DATA`. Everything but the worker is real.
 */
import { serveAsProcess, startDaemon } from '@deltaspace/daemon';

const dataRoot = process.argv[2];
if (dataRoot === undefined) throw new Error('usage: scripted-daemon DATA');

process.exitCode = await serveAsProcess(
  startDaemon({
    dataRoot,
    port: 0,
    lifetime: 'service',
    workerEntry: new URL('./scripted-worker.js', import.meta.url),
  }),
);
