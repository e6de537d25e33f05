/**
 * Files of a command: bounded reading, and writing that never leaves half a file under the final name.
 */
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { protocolLimits, ProtocolError } from '@deltaspace/shared-protocol';
import { CommandError } from './failure.js';
import type { PathKind } from './output-paths.js';

/**
 * Reads a file that is about to be uploaded.
 * @param emptyCode code for a file without bytes.
 * @throws CommandError `input_missing`, `input_unreadable`; ProtocolError `blob_too_large` before reading.
 */
export async function readInput(file: string, emptyCode: 'image_empty' | 'tensor_invalid'): Promise<Uint8Array> {
  const facts = await stat(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new CommandError('input_missing', `${file} does not exist`);
    throw new CommandError('input_unreadable', `${file} cannot be read: ${cause.message}`, { cause });
  });
  if (!facts.isFile()) throw new CommandError('input_unreadable', `${file} is not a file`);
  if (facts.size === 0) throw new ProtocolError(emptyCode, `${file} is empty`);
  if (facts.size > protocolLimits.blobBytes) {
    throw new ProtocolError(
      'blob_too_large',
      `${file} has ${facts.size} bytes; at most ${protocolLimits.blobBytes} can be sent`,
    );
  }
  return readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new CommandError('input_unreadable', `${file} cannot be read: ${cause.message}`, { cause });
  });
}

/** Writes a result, creating folders on the way. @throws CommandError `output_unwritable`. */
export async function writeOutput(file: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.part`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(temporary, bytes);
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError('output_unwritable', `${file} cannot be written: ${reason}`, { cause });
  }
}

/** Relative when below the current folder, as people typed it. */
export function shortPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative;
}

export function pathKind(file: string): PathKind {
  const facts = statSync(file, { throwIfNoEntry: false });
  if (facts === undefined) return 'nothing';
  return facts.isDirectory() ? 'folder' : 'file';
}
