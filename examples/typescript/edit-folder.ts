/**
 * Edits many pictures and outlives the daemon: `node examples/dist/edit-folder.js "face with sunglasses" out/ a.png b.png …`.
 *
 * When the daemon is restarted meanwhile, the script goes on where it was: job ids are made once, so nothing is computed twice.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  openClient,
  ProtocolError,
  ReconnectingClient,
  sha256With,
  socketPath,
  subprotocol,
  type DeltaClient,
} from '@deltaspace/shared-protocol';
import { WebSocket } from 'ws';
import { findDaemon } from './find-daemon.js';

const [target, folder, ...files] = process.argv.slice(2);
if (!target || !folder || files.length === 0) throw new Error('usage: edit-folder TEXT FOLDER IN…');

async function open(): Promise<DeltaClient> {
  const { port, token } = await findDaemon().catch((cause: unknown) => {
    throw new ProtocolError('connection_lost', 'no daemon runs; start one with "deltaspace start"', { cause });
  });
  const headers = { authorization: `Bearer ${token}` };
  const socket = new WebSocket(`ws://127.0.0.1:${port}${socketPath}`, subprotocol, { headers });
  return openClient(socket, { name: 'my script', version: '1', sha256: sha256With(crypto.subtle) });
}

/** The daemon finishes what it took on, also when nobody waits, after edits that somebody looks at. */
const bulk = { priority: 'bulk', onDisconnect: 'keep' } as const;
const session = new ReconnectingClient({ open, wait: setTimeout });
await mkdir(folder, { recursive: true });
for (const file of files) {
  const jobId = randomUUID();
  const picture = await readFile(file);
  const edited = await session.run(async (client) => {
    const image = { encoding: 'file', digest: await client.upload(picture) } as const;
    const params = { image, targets: [target], jobId, ...bulk };
    const [output] = (await client.call('edit', params)).outputs;
    if (output === undefined) throw new Error('the daemon made no output');
    return client.download(output.image.digest);
  });
  await writeFile(path.join(folder, path.basename(file)), edited);
  console.log(file);
}
session.close();
