/**
 * Reading daemon.log back: its last lines, then what is added, across the moment when a full file is set aside.
 */
import { open, stat, type FileHandle } from 'node:fs/promises';

export interface FollowOptions {
  /** Whole lines to begin with, the newest. */
  readonly lines: number;
  /** Go on with what is added, until the signal. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
  /** Waits before the file is looked at again; returns early when the signal fires. */
  readonly wait: () => Promise<void>;
}

/** Bytes from the end of the file in which the last lines are looked for, and the most that is read at once. */
const windowBytes = 4 * 1024 * 1024;

/** Lines without their ends. A file that does not exist has none, and may appear. */
export async function* readLog(file: string, options: FollowOptions): AsyncGenerator<string> {
  const first = await readFrom(file, { identity: undefined, offset: -windowBytes });
  yield* first.lines.slice(Math.max(0, first.lines.length - options.lines));
  let position = first.position;
  while (options.follow && !options.signal.aborted) {
    await options.wait();
    const more = await readFrom(file, position);
    yield* more.lines;
    position = more.position;
  }
}

interface Position {
  /** Of the file that was read: another one has taken its name when this differs. */
  readonly identity: number | undefined;
  /** Behind the last whole line. Negative: from the end. */
  readonly offset: number;
}

/** Whole lines from a position on. A file that is new or was shortened is read from its beginning. */
async function readFrom(file: string, from: Position): Promise<{ lines: string[]; position: Position }> {
  const facts = await stat(file).catch(() => undefined); // none yet, or just being replaced
  if (facts === undefined)
    return { lines: [], position: { identity: from.identity, offset: Math.max(0, from.offset) } };
  const { ino: identity, size } = facts;
  const isSame = from.identity === identity && from.offset <= size;
  const wanted = from.offset < 0 ? Math.max(0, size + from.offset) : isSame ? from.offset : 0;
  const start = Math.max(wanted, size - windowBytes);
  const handle = await open(file, 'r');
  try {
    const bytes = await readBytes(handle, start, size - start);
    const end = bytes.lastIndexOf('\n') + 1;
    const lines = bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
    if (start > 0 && start !== from.offset) lines.shift(); // began in the middle of it
    return { lines, position: { identity, offset: start + end } };
  } finally {
    await handle.close();
  }
}

async function readBytes(handle: FileHandle, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, start);
  return bytes.subarray(0, bytesRead);
}
