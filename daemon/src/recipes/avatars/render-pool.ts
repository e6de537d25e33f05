/**
 * Draws many avatars on several worker threads, into one shared buffer.
 *
 * A task is a few dozen avatars: small enough that all threads finish together and cancelling is prompt, large enough
 * that messages cost nothing. Rasterising itself runs on libuv's pool, which all threads of a process share and which
 * has four threads by default: beyond four worker threads nothing is gained unless UV_THREADPOOL_SIZE is raised.
 *
 * Worker threads need the compiled `render-worker.js`. Where only the TypeScript sources exist (unit tests), and with
 * `threads: 0`, the pool draws on the calling thread instead; pixels are the same.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { encodeAvatar, RECORD_BYTES, type Avatar } from './attributes.js';
import { renderRecords, type RenderReply, type RenderTask } from './render-task.js';

const WORKER_URL = new URL('./render-worker.js', import.meta.url);
const AVATARS_PER_TASK = 32;

export interface RenderRequest {
  readonly avatars: readonly Avatar[];
  /** Width and height in pixels. */
  readonly size: number;
  readonly signal?: AbortSignal;
  /** Called after every finished task with the number of avatars drawn so far. */
  readonly onProgress?: (done: number) => void;
}

export interface RenderPool {
  /** Worker threads in use; 0 when drawing on the calling thread. */
  readonly threads: number;
  /** RGB, uint8, [N, size, size, 3] in shared memory, owned by the caller. Throws the signal's reason on abort. */
  render(request: RenderRequest): Promise<Uint8Array>;
  dispose(): Promise<void>;
}

type TaskRunner = (task: RenderTask) => Promise<void>;

/** Starts a pool. The caller disposes it. */
export function createRenderPool(options: { readonly threads: number }): RenderPool {
  const threads = existsSync(fileURLToPath(WORKER_URL)) ? options.threads : 0;
  const workers = Array.from({ length: threads }, () => new Worker(WORKER_URL));
  const runners: readonly TaskRunner[] = threads === 0 ? [renderRecords] : workers.map(workerRunner);
  return {
    threads,
    render: (request) => renderAll(request, runners),
    async dispose() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

async function renderAll(request: RenderRequest, runners: readonly TaskRunner[]): Promise<Uint8Array> {
  const { avatars, size, signal } = request;
  const imageBytes = size * size * 3;
  const pixels = new Uint8Array(new SharedArrayBuffer(avatars.length * imageBytes));
  let next = 0;
  let done = 0;
  const drain = async (run: TaskRunner): Promise<void> => {
    while (next < avatars.length) {
      signal?.throwIfAborted();
      const first = next;
      const last = Math.min(first + AVATARS_PER_TASK, avatars.length);
      next = last;
      const window = pixels.subarray(first * imageBytes, last * imageBytes);
      await run({ taskId: first, records: encodeAll(avatars.slice(first, last)), size, pixels: window });
      done += last - first;
      request.onProgress?.(done);
    }
  };
  await Promise.all(runners.map(drain));
  return pixels;
}

/** Encodes avatars one after another: uint8, [N × RECORD_BYTES]. */
export function encodeAll(avatars: readonly Avatar[]): Uint8Array {
  const records = new Uint8Array(avatars.length * RECORD_BYTES);
  avatars.forEach((avatar, i) => {
    records.set(encodeAvatar(avatar), i * RECORD_BYTES);
  });
  return records;
}

/** A worker does one task at a time; a task fails with the worker when that dies. */
function workerRunner(worker: Worker): TaskRunner {
  return (task) =>
    new Promise<void>((resolve, reject) => {
      const onMessage = (reply: RenderReply): void => {
        settle();
        if (reply.error === undefined) resolve();
        else reject(new Error(`render worker: ${reply.error}`));
      };
      const onError = (error: Error): void => {
        settle();
        reject(error);
      };
      const onExit = (code: number): void => {
        settle();
        reject(new Error(`render worker exited with code ${code}`));
      };
      const settle = (): void => {
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      };
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      worker.postMessage(task);
    });
}
