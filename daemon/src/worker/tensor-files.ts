/**
 * A small cache of tensors in a folder: one safetensors file per key, named by the sha256 of the key, bounded in bytes.
 *
 * A favour, never a duty: what cannot be written is left out, and what is damaged or foreign is deleted. Files are written some
 * time after they were given, one by one, so that no edit waits for them. The key is in no file: it may hold what a user typed.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TensorStore } from '../deltaedit/kept-results.js';

type Tensors = Parameters<TensorStore['write']>[1];

export interface TensorFilesOptions {
  readonly limitBytes: number;
  readonly after: (delayMs: number, action: () => void) => () => void;
  readonly encode: (tensors: Tensors) => Uint8Array;
  /** Throws on anything malformed. */
  readonly decode: (bytes: Uint8Array) => Tensors;
}

/** Files wait this long to be written: edits that follow one another come first. */
const writeDelayMs = 250;
/** Results that may wait to be written; more are not kept. */
const waitingResults = 64;
/** What a file takes on the disk at least, in bytes. */
const blockBytes = 4096;
const digestBytes = 32;
const suffix = '.tensors';

export class TensorFiles implements TensorStore {
  readonly #directory: string;
  readonly #options: TensorFilesOptions;
  /** Bytes on the disk by file name, least recently used first. */
  readonly #sizes = new Map<string, number>();
  readonly #waiting = new Map<string, Tensors>();
  #totalBytes = 0;
  #writing: Promise<void> | undefined;

  /** The folder need not be there. Files of other names, and what an earlier process left half written, are deleted. */
  constructor(directory: string, options: TensorFilesOptions) {
    this.#directory = directory;
    this.#options = options;
    for (const { name, sizeBytes } of filesByAge(directory)) {
      if (name.endsWith(suffix)) this.#insert(name, sizeBytes);
      else rmSync(path.join(directory, name), { force: true });
    }
  }

  get sizeBytes(): number {
    return this.#totalBytes;
  }

  read(key: string): Tensors | undefined {
    const name = nameOf(key);
    const waiting = this.#waiting.get(name);
    if (waiting !== undefined) return waiting;
    const sizeBytes = this.#sizes.get(name);
    if (sizeBytes === undefined) return undefined;
    try {
      const tensors = this.#options.decode(checked(readFileSync(path.join(this.#directory, name)), name));
      this.#insert(name, sizeBytes); // used last
      const now = new Date();
      void utimes(path.join(this.#directory, name), now, now).catch(() => undefined); // only an eviction hint
      return tensors;
    } catch {
      this.#delete(name);
      return undefined;
    }
  }

  write(key: string, tensors: Tensors): void {
    if (this.#waiting.size >= waitingResults) return;
    this.#waiting.set(nameOf(key), tensors);
    this.#writing ??= new Promise((resolve) => {
      this.#options.after(writeDelayMs, () => void this.#writeWaiting().then(resolve));
    });
  }

  forget(key: string): void {
    this.#waiting.delete(nameOf(key));
    this.#delete(nameOf(key));
  }

  /** Resolves when everything that was given so far is written, or could not be. */
  async written(): Promise<void> {
    await this.#writing;
  }

  async #writeWaiting(): Promise<void> {
    for (const [name, tensors] of this.#waiting) {
      await this.#writeOne(name, tensors).catch(() => undefined); // a full or read-only disk: computed again next time
      this.#waiting.delete(name);
    }
    this.#writing = undefined;
  }

  async #writeOne(name: string, tensors: Tensors): Promise<void> {
    const body = this.#options.encode(tensors);
    const file = path.join(this.#directory, name);
    const temporary = `${file}.new`;
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    try {
      await writeFile(temporary, Buffer.concat([body, digestOf(body, name)]), { mode: 0o600 });
      await rename(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    this.#insert(name, body.length + digestBytes);
    for (const oldest of this.#sizes.keys()) {
      if (this.#totalBytes <= this.#options.limitBytes) break;
      this.#delete(oldest);
    }
  }

  #insert(name: string, sizeBytes: number): void {
    this.#totalBytes -= this.#sizes.get(name) ?? 0;
    this.#sizes.delete(name);
    const taken = Math.ceil(sizeBytes / blockBytes) * blockBytes;
    this.#sizes.set(name, taken);
    this.#totalBytes += taken;
  }

  #delete(name: string): void {
    this.#totalBytes -= this.#sizes.get(name) ?? 0;
    this.#sizes.delete(name);
    rmSync(path.join(this.#directory, name), { force: true });
  }
}

function nameOf(key: string): string {
  return `${createHash('sha256').update(key).digest('hex')}${suffix}`;
}

/** Covers the name too: a file that was renamed does not pass for another. */
function digestOf(body: Uint8Array, name: string): Buffer {
  return createHash('sha256').update(name).update(body).digest();
}

/** The file without the digest at its end. @throws Error when the digest is another. */
function checked(file: Buffer, name: string): Uint8Array {
  const body = file.subarray(0, Math.max(0, file.length - digestBytes));
  const digest = file.subarray(body.length);
  if (digest.length !== digestBytes || !timingSafeEqual(digest, digestOf(body, name)))
    throw new Error('a kept result is damaged');
  return body;
}

/** Oldest first; none when there is no such folder. */
function filesByAge(directory: string): { name: string; sizeBytes: number }[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => ({ name, ...statSync(path.join(directory, name)) }))
      .sort((a, b) => a.mtimeMs - b.mtimeMs)
      .map(({ name, size }) => ({ name, sizeBytes: size }));
  } catch {
    return [];
  }
}
