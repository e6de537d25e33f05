/**
 * Whether the daemon's ports are free, and who has those that are not. Occupied ports are no fault while one is left or the
 * daemon of this folder has it.
 */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { describeDataDirectory } from '../config/data-directory.js';
import { readLock } from '../config/instance-lock.js';
import { probe } from '../server/outgoing.js';
import { finding, type Finding } from './finding.js';

export async function examinePorts(root: string, ports: readonly number[]): Promise<Finding[]> {
  const lock = await readLock(describeDataDirectory(root).lockFile);
  if (lock !== undefined && lock.port !== 0 && (await probe(lock.port))?.instance === lock.instance) {
    const { pid, port } = lock;
    return [finding('ok', 'port', `the daemon of this folder runs: process ${pid}, port ${port}`, { pid, port })];
  }
  const taken: string[] = [];
  for (const port of ports) {
    if (await isFree(port)) {
      const others = taken.length === 0 ? '' : `; ${taken.join(', ')}`;
      return [finding('ok', 'port', `port ${port} is free${others}`, { port })];
    }
    taken.push(`${port} is used by ${await holderOf(port)}`);
  }
  return [finding('broken', 'port', `no port is free: ${taken.join(', ')}; choose another with --port`)];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

async function holderOf(port: number): Promise<string> {
  const hello = await probe(port);
  const owner = process.platform === 'linux' ? await linuxOwner(port).catch(() => undefined) : undefined;
  const program = owner === undefined ? 'another program' : `process ${owner.pid} (${owner.name})`;
  return hello === undefined ? program : `the deltaspace daemon ${hello.version} of another data folder, ${program}`;
}

/** The process that listens on a loopback port, when it is one that this user may look at. */
async function linuxOwner(port: number): Promise<{ pid: number; name: string } | undefined> {
  const inode = inodeOf(port, await readFile('/proc/net/tcp', 'utf8'));
  if (inode === undefined) return undefined;
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []); // another user's, or gone by now
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      if (target !== `socket:[${inode}]`) continue;
      return { pid: Number(pid), name: (await readFile(`/proc/${pid}/comm`, 'utf8')).trim() };
    }
  }
  return undefined;
}

/** The inode of the socket that listens on a port, from the table of /proc/net/tcp. */
export function inodeOf(port: number, table: string): string | undefined {
  const listening = '0A';
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/));
  return rows.find(([, local, , state]) => local?.endsWith(suffix) === true && state === listening)?.[9];
}
