/**
 * One portion of rendering, as plain data that can cross to a worker thread, and the function that does it.
 */
import { decodeAvatar, RECORD_BYTES } from './attributes.js';
import { renderStrip, stripLength } from './renderer.js';

export interface RenderTask {
  readonly taskId: number;
  /** Encoded avatars, [count × RECORD_BYTES]. */
  readonly records: Uint8Array;
  /** Width and height in pixels. */
  readonly size: number;
  /** Receives RGB pixels, uint8, [count, size, size, 3]; usually a window into shared memory. */
  readonly pixels: Uint8Array;
}

export interface RenderReply {
  readonly taskId: number;
  readonly error?: string;
}

/** Draws every avatar of a task in order. */
export async function renderRecords(task: Pick<RenderTask, 'records' | 'size' | 'pixels'>): Promise<void> {
  const count = task.records.length / RECORD_BYTES;
  const imageBytes = task.size * task.size * 3;
  if (task.pixels.length !== count * imageBytes) {
    throw new Error(`pixel buffer has ${task.pixels.length} bytes, expected ${count * imageBytes}`);
  }
  const avatars = Array.from({ length: count }, (_, i) => {
    return decodeAvatar(task.records.subarray(i * RECORD_BYTES, (i + 1) * RECORD_BYTES));
  });
  const length = stripLength(task.size);
  for (let first = 0; first < count; first += length) {
    const strip = avatars.slice(first, first + length);
    task.pixels.set(await renderStrip(strip, task.size), first * imageBytes);
  }
}
