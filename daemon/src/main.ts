/**
 * The daemon process: reads its arguments, composes a daemon, ends with it. Started by the command line
 * (cli/daemon-process.ts), which learns over the fork's channel whether it came up.
 */
import { parseArgs } from 'node:util';
import { limitFlagOptions, limitsFor } from './config/daemon-limits.js';
import { planOutside } from './config/outside-listening.js';
import { defaultWorkerEntry, startDaemon } from './daemon.js';
import { serveAsProcess } from './daemon-process.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    port: { type: 'string' },
    lifetime: { type: 'string', default: 'service' },
    listen: { type: 'string' },
    'listen-name': { type: 'string', multiple: true },
    'tls-cert': { type: 'string' },
    'tls-key': { type: 'string' },
    'insecure-listen': { type: 'boolean' },
    'open-metrics': { type: 'boolean' },
    'log-level': { type: 'string', default: 'info' },
    ...limitFlagOptions,
  },
});
if (values.data === undefined) throw new Error('--data DIR is missing: this module is started by the command line');

const outside = planOutside({
  listen: values.listen,
  listenName: values['listen-name'],
  tlsCert: values['tls-cert'],
  tlsKey: values['tls-key'],
  insecureListen: values['insecure-listen'],
});

process.exitCode = await serveAsProcess(
  startDaemon({
    dataRoot: values.data,
    ...(values.port === undefined ? {} : { port: Number(values.port) }),
    lifetime: values.lifetime === 'call' ? 'call' : 'service',
    workerEntry: defaultWorkerEntry,
    openMetrics: values['open-metrics'] ?? false,
    logLevel: values['log-level'],
    limits: await limitsFor(values),
    ...(outside === undefined ? {} : { outside }),
  }),
);
