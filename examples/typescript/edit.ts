/**
 * Edits one picture: `node examples/dist/edit.js photo.png "face with sunglasses" edited.png`. Ctrl-C cancels.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { callWithProgress, openClient, sha256With, socketPath, subprotocol } from '@deltaspace/shared-protocol';
import { WebSocket } from 'ws';
import { findDaemon } from './find-daemon.js';

const [input, target, output] = process.argv.slice(2);
if (!input || !target || !output) throw new Error('usage: edit IN TEXT OUT.png');

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());
const { signal } = interrupt;

const { port, token } = await findDaemon();
const socket = new WebSocket(`ws://127.0.0.1:${port}${socketPath}`, subprotocol, {
  headers: { authorization: `Bearer ${token}` },
});
const client = await openClient(socket, {
  name: 'my script',
  version: '1',
  sha256: sha256With(crypto.subtle),
  signal,
});

try {
  const digest = await client.upload(await readFile(input), { signal });
  const image = { encoding: 'file', digest } as const;
  const edit = callWithProgress(client, 'edit', { image, targets: [target] }, { signal });
  for await (const { stage, fraction } of edit) console.error(`${stage} ${Math.round(100 * fraction)} %`);
  const [edited] = (await edit.result).outputs;
  if (edited === undefined) throw new Error('the daemon made no output');
  for (const { message } of edited.warnings) console.error(`warning: ${message}`);
  await writeFile(output, await client.download(edited.image.digest, { signal }));
} finally {
  client.close();
}
