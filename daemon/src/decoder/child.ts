/**
 * The decoder process: the only one that gives foreign image files to native code. See decoder-process.ts.
 *
 * It opens nothing but the files it is told to decode, and no reader of other formats is left in it. Native code computes on
 * threads of its own, so this one is free to watch over the memory meanwhile.
 */
import { readFileSync, statSync } from 'node:fs';
import { checkFileSize, decodeImage, ImageError, restrictToDecoding, type PixelImage } from '../imaging/index.js';
import type { DecodeRequest, FromDecoder } from './messages.js';

/** How often the memory is looked at. Decoders fill some gigabytes per second at most. */
const memoryCheckMs = 20;

await restrictToDecoding();
// At once: native threads may be busy, and an orderly end would wait for them.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('SIGINT', () => undefined); // Ctrl-C reaches the whole group; the parent decides what ends when.
process.on('message', (request: DecodeRequest) => void answer(request));
send({ kind: 'ready' });

async function answer({ file, limits, mostResidentBytes }: DecodeRequest): Promise<void> {
  const watch = setInterval(() => {
    const residentBytes = process.memoryUsage.rss();
    if (residentBytes > mostResidentBytes) send({ kind: 'overMemory', residentBytes });
  }, memoryCheckMs);
  try {
    checkFileSize(statSync(file).size, limits);
    give(await decodeImage(readFileSync(file), limits));
  } catch (error) {
    if (error instanceof ImageError) send({ kind: 'refused', code: error.code, message: error.message });
    else send({ kind: 'failed', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  } finally {
    clearInterval(watch);
  }
}

function give({ width, height, data }: PixelImage): void {
  send({ kind: 'size', width, height, residentBytes: process.memoryUsage.rss() });
  process.stdout.write(data);
}

function send(message: FromDecoder): void {
  process.send?.(message);
}
