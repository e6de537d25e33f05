/**
 * Memory of the daemon per idle connection, authenticated and initialized. A daemon for people takes 64; this one is told to take
 * more, by an option that no setting reaches.
 */
import { readFile } from 'node:fs/promises';
import type { DeltaClient } from '@deltaspace/shared-protocol';
import { startScriptedDaemon, type TestDaemon } from '../fakes/daemon-process.js';
import type { BenchmarkResult } from './report.js';

const socketCount = 5000;
/** Opened at the same time: more would wait in the listener's backlog. */
const atOnce = 50;

export async function benchIdleSockets(): Promise<BenchmarkResult[]> {
  const daemon = await startScriptedDaemon(undefined, { connections: socketCount + 1 });
  const clients: DeltaClient[] = [];
  try {
    await open(daemon, clients, atOnce); // what the first connections load belongs to none
    const before = await residentBytes(daemon);
    const refusal = await open(daemon, clients, socketCount - atOnce).catch((error: unknown) => String(error));
    const held = clients.length - atOnce;
    const after = await residentBytes(daemon);
    const start = performance.now();
    const { connections } = await (clients[0] as DeltaClient).call('server.status', {});
    const statusMs = performance.now() - start;
    return [
      {
        name: `${socketCount} idle sockets`,
        value:
          `${connections} held${refusal === undefined ? '' : ` (then: ${refusal})`}, ` +
          `${perSocket(before, after, held)}, server.status among them ${statusMs.toFixed(1)} ms`,
      },
    ];
  } finally {
    for (const client of clients) client.close();
    await daemon.dispose();
  }
}

async function open(daemon: TestDaemon, clients: DeltaClient[], count: number): Promise<void> {
  for (let opened = 0; opened < count; opened += atOnce) {
    const more = Array.from({ length: Math.min(atOnce, count - opened) }, () => daemon.connect());
    clients.push(...(await Promise.all(more)));
  }
}

/** Resident memory of the daemon's process; undefined where the system does not tell it as Linux does. */
async function residentBytes(daemon: TestDaemon): Promise<number | undefined> {
  const status = await readFile(`/proc/${daemon.process.pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

function perSocket(before: number | undefined, after: number | undefined, sockets: number): string {
  if (before === undefined || after === undefined) return 'memory unknown on this system';
  return `${((after - before) / sockets / 1024).toFixed(1)} KiB each in the daemon (${(after / 2 ** 20).toFixed(0)} MiB in all)`;
}
