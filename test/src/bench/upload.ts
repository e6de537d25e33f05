/**
 * How fast bytes get into the daemon: uploads through the client against a bare WebSocket in another process that echoes the same
 * bytes in the same chunks, as many of them ahead. The upload is hashed on both sides, written and renamed; the echo carries
 * everything twice. They take turns, so that their ratio is of the same minutes.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { protocolLimits, type DeltaClient } from '@deltaspace/shared-protocol';
import WebSocket from 'ws';
import { compiled, startScriptedDaemon } from '../fakes/daemon-process.js';
import { fastestOfEachMs } from './measure.js';
import type { BenchmarkResult } from './report.js';

const { chunkBytes, unconfirmedChunks } = protocolLimits;
const uploadBytes = 64 * chunkBytes;

export async function benchUpload(): Promise<BenchmarkResult[]> {
  const daemon = await startScriptedDaemon();
  const echo = fork(compiled('bench/echo-server.js'), { execArgv: [] });
  const client = await daemon.connect();
  try {
    const socket = await openEcho(echo);
    const [uploadMs, echoMs] = (await fastestOfEachMs(
      [nextUpload(client), () => echoAll(socket, new Uint8Array(uploadBytes))],
      { warmUps: 1 },
    )) as [number, number];
    socket.close();
    const speed = (milliseconds: number): string => `${(uploadBytes / 1e3 / milliseconds).toFixed(0)} MB/s`;
    const ratio = uploadMs / echoMs;
    return [
      {
        name: `upload, ${uploadBytes / chunkBytes} MiB`,
        value: `${speed(uploadMs)}, bare echo ${speed(echoMs)}: ${ratio.toFixed(2)}× its time`,
      },
    ];
  } finally {
    client.close();
    echo.disconnect();
    await daemon.dispose();
  }
}

/** Uploads another blob each time. */
function nextUpload(client: DeltaClient): () => Promise<unknown> {
  const bytes = new Uint8Array(uploadBytes);
  let count = 0;
  return () => {
    new DataView(bytes.buffer).setUint32(0, ++count);
    return client.upload(bytes);
  };
}

async function openEcho(echo: ChildProcess): Promise<WebSocket> {
  const [{ port }] = (await once(echo, 'message')) as [{ port: number }];
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  await once(socket, 'open');
  return socket;
}

/** Sends all chunks, at most so many ahead of what came back as an upload may be. */
function echoAll(socket: WebSocket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    let sent = 0;
    const sendNext = (): void => {
      if (sent < bytes.length) socket.send(bytes.subarray(sent, (sent += chunkBytes)));
    };
    let received = 0;
    socket.removeAllListeners('message');
    socket.on('message', (data: Buffer) => {
      received += data.length;
      if (received === bytes.length) resolve();
      else sendNext();
    });
    for (let ahead = 0; ahead < unconfirmedChunks; ahead++) sendNext();
  });
}
