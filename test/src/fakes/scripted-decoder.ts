/**
 * A decoder process that does what the name of the file says, and reads none: for tests of what the worker's end makes of it.
 */
import path from 'node:path';
import type { DecodeRequest, FromDecoder } from '@deltaspace/daemon';

const send = (message: FromDecoder): void => void process.send?.(message);
const size = (side: number): void => send({ kind: 'size', width: side, height: side, residentBytes: 0 });
const pixels = (count: number): void => void process.stdout.write(Buffer.alloc(4 * count, 7));

const commands: Readonly<Record<string, () => void>> = {
  sound: () => {
    size(2);
    pixels(4);
  },
  hang: () => undefined,
  crash: () => process.kill(process.pid, 'SIGSEGV'),
  leave: () => process.exit(3),
  'half a picture': () => {
    size(2);
    process.stdout.write(Buffer.alloc(8), () => process.kill(process.pid, 'SIGKILL'));
  },
  'too many pixels': () => {
    size(2);
    pixels(5);
  },
  'a huge size': () => size(1e6),
  'too much memory': () => send({ kind: 'overMemory', residentBytes: 3 * 2 ** 30 }),
  defect: () => send({ kind: 'failed', stack: 'Error: a defect' }),
};

process.on('disconnect', () => process.exit(0));
process.on('message', ({ file }: DecodeRequest) => commands[path.basename(file)]?.());
send({ kind: 'ready' });
