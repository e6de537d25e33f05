/**
 * A daemon with everything real, started by the command line, and clients of it. Packs of the test lie in its data folder,
 * beside those that ship.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { openSocket } from '@deltaspace/daemon';
import { DeltaClient, type MessageSocket } from '@deltaspace/shared-protocol';
import { deltaspace } from '../fakes/command.js';
import { temporaryFolder } from '../fakes/daemon-process.js';

export interface RealDaemon {
  readonly dataRoot: string;
  readonly port: number;
  readonly client: DeltaClient;
  /** Another authenticated socket, for what the client hides. */
  openSocket(): Promise<MessageSocket>;
  dispose(): Promise<void>;
}

/** A port that was free a moment ago: for tests that start a daemon again and need it to be where it was. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** `addPacks` gets the folder of the user's packs before the daemon starts. The usual ports unless `port` names one. */
export async function startRealDaemon(
  addPacks?: (packs: string) => Promise<unknown>,
  { port: wanted }: { readonly port?: number } = {},
): Promise<RealDaemon> {
  const dataRoot = await temporaryFolder();
  const packs = path.join(dataRoot, 'packs');
  await mkdir(packs, { recursive: true });
  await addPacks?.(packs);
  const started = await deltaspace(['start', '--json', ...(wanted === undefined ? [] : ['--port', String(wanted)])], {
    dataRoot,
    cwd: dataRoot,
  });
  if (started.exitCode !== 0) throw new Error(`the daemon did not start: ${started.stderr}`);
  const { port } = JSON.parse(started.stdout) as { port: number };
  const token = (await readFile(path.join(dataRoot, 'token'), 'utf8')).trim();
  const client = await DeltaClient.connect(await openSocket(port, token), {
    name: 'test',
    version: '0',
    sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  });
  return {
    dataRoot,
    port,
    client,
    openSocket: () => openSocket(port, token),
    async dispose() {
      client.close();
      await deltaspace(['stop'], { dataRoot, cwd: dataRoot });
      await rm(dataRoot, { recursive: true, force: true });
    },
  };
}
