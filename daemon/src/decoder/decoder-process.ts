/**
 * Decodes image files in a process of its own: what a crafted file does to the native decoders ends one image, not the worker
 * with its loaded networks. The process is started by the first image, kept, and replaced when it dies or grows.
 *
 * It gets the name of a file and gives pixels through a pipe straight into the array that is returned: neither side holds a
 * second copy, and nothing is left on the disk when one of them is killed. Images are decoded one at a time.
 *
 * A file that takes too long or too much memory, or that takes the process down, is refused with the reason. This is no
 * sandbox: the process has the rights of the user.
 */
import { fork, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { checkImageSize, ImageError, type ImageLimits, type PixelImage } from '../imaging/index.js';
import { decoderLimits } from './limits.js';
import type { DecodeRequest, FromDecoder } from './messages.js';

export interface DecoderOptions {
  readonly limits: ImageLimits;
  /** Module of the process; the compiled one beside this file unless a test brings its own. */
  readonly entry?: URL;
  readonly mostResidentBytes?: number;
  readonly imagesPerProcess?: number;
  /** Calls back after some time, unless the returned function is called before. */
  readonly schedule?: (callback: () => void, afterMs: number) => () => void;
}

/** The decoder cannot be used at all: a defect of the installation, not of an image. */
class DecoderUnusable extends Error {
  override readonly name = 'DecoderUnusable';
}

export class DecoderProcess {
  readonly #options: Required<DecoderOptions>;
  #child: DecoderChild | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: DecoderOptions) {
    this.#options = {
      entry: new URL('./child.js', import.meta.url),
      mostResidentBytes: decoderLimits.mostResidentBytes,
      imagesPerProcess: decoderLimits.imagesPerProcess,
      schedule: afterTime,
      ...options,
    };
  }

  /** The process that is kept, for tests and for the log. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Decodes one file, after those asked for earlier. A signal that aborts ends the process, and its reason is thrown.
   * Throws ImageError for what cannot or must not be decoded.
   */
  decode(file: string, signal?: AbortSignal): Promise<PixelImage> {
    const decoding = this.#last.then(() => this.#decodeNow(file, signal));
    this.#last = decoding.catch(() => undefined);
    return decoding;
  }

  /** Starts the process now, where an image is sure to come, instead of with the image. */
  start(): void {
    this.#child ??= new DecoderChild(this.#options.entry);
  }

  /** Ends the process. The next image starts another. */
  end(): void {
    this.#child?.kill();
    this.#child = undefined;
  }

  async #decodeNow(file: string, signal: AbortSignal | undefined): Promise<PixelImage> {
    signal?.throwIfAborted();
    if (this.#child?.isUsable !== true) this.end();
    const child = (this.#child ??= new DecoderChild(this.#options.entry));
    const { limits, mostResidentBytes, schedule } = this.#options;
    const cancelTimer = schedule(
      () => child.kill(new ImageError('image_timeout', `decoding the image took longer than ${limits.maxMs} ms`)),
      limits.maxMs,
    );
    const stop = (): void => child.kill(signal?.reason as Error);
    signal?.addEventListener('abort', stop);
    try {
      const image = await child.decode({ file, limits, mostResidentBytes });
      if (child.images >= this.#options.imagesPerProcess || child.residentBytes > decoderLimits.keptResidentBytes)
        this.end();
      return image;
    } finally {
      signal?.removeEventListener('abort', stop);
      cancelTimer();
    }
  }
}

interface Waiting {
  readonly request: DecodeRequest;
  readonly resolve: (image: PixelImage) => void;
  readonly reject: (error: Error) => void;
}

/** One life of the process. */
class DecoderChild {
  readonly #process: ChildProcess;
  readonly #pixels: Readable;
  #waiting: Waiting | undefined;
  #ready = false;
  #ended = false;
  #killedFor: Error | undefined;
  #complaint = '';
  /** Images asked for so far. */
  images = 0;
  /** Memory after the last image. */
  residentBytes = 0;

  constructor(entry: URL) {
    this.#process = fork(fileURLToPath(entry), [], {
      execArgv: [`--max-old-space-size=${decoderLimits.heapMebibytes}`],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#pixels = this.#process.stdout as Readable;
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (!this.#ready) this.#complaint = (this.#complaint + text).slice(0, longestComplaint); // Later: libraries' warnings.
    });
    this.#process.on('message', (message) => this.#receive(message as FromDecoder));
    this.#process.on('error', (error) => this.#end(new DecoderUnusable(error.message, { cause: error })));
    this.#process.on('exit', (code, signal) => this.#end(this.#killedFor ?? this.#deathOf(signal ?? `code ${code}`)));
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get isUsable(): boolean {
    return !this.#ended && this.#killedFor === undefined;
  }

  decode(request: DecodeRequest): Promise<PixelImage> {
    this.images++;
    return new Promise((resolve, reject) => {
      this.#waiting = { request, resolve, reject };
      this.#process.send(request, () => undefined); // A death is told by 'exit'.
    });
  }

  /** Ends the process; what it works on is refused for `reason`. */
  kill(reason: Error = new DecoderUnusable('the decoder was ended')): void {
    this.#killedFor ??= reason;
    this.#process.kill('SIGKILL');
  }

  #receive(message: FromDecoder): void {
    switch (message.kind) {
      case 'ready':
        this.#ready = true;
        break;
      case 'size':
        void this.#take(message);
        break;
      case 'refused':
        this.#settle()?.reject(new ImageError(message.code, message.message));
        break;
      case 'overMemory':
        this.kill(
          new ImageError(
            'image_too_large',
            `decoding the image needs more than ${mebibytes(message.residentBytes)} MiB`,
          ),
        );
        break;
      case 'failed':
        this.#settle()?.reject(new Error(`the decoder hit a defect: ${message.stack}`));
        break;
    }
  }

  async #take({ width, height, residentBytes }: Extract<FromDecoder, { kind: 'size' }>): Promise<void> {
    const { request } = this.#waiting as Waiting;
    this.residentBytes = residentBytes;
    try {
      checkImageSize(width, height, request.limits); // Whoever has taken the decoder over could say anything.
      const data = await readBytes(this.#pixels, 4 * width * height);
      this.#settle()?.resolve({ width, height, data });
    } catch (error) {
      this.kill(error as Error);
    }
  }

  #settle(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }

  #deathOf(how: string): Error {
    return this.#ready
      ? new ImageError('image_damaged', `the image ended the process that decodes it (${how})`)
      : new DecoderUnusable(`the decoder does not start (${how}): ${this.#complaint}`);
  }

  #end(reason: Error): void {
    this.#ended = true;
    this.#settle()?.reject(reason);
  }
}

/** Characters of what a decoder that does not start wrote to standard error. */
const longestComplaint = 2000;

const mebibytes = (bytes: number): number => Math.floor(bytes / 2 ** 20);

/** The next `count` bytes of a stream that is not flowing. Never settles when the stream ends before: the process tells why. */
function readBytes(stream: Readable, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  let filled = 0;
  return new Promise((resolve, reject) => {
    const take = (piece: Buffer): void => {
      if (filled + piece.length > count) return stop(() => reject(new Error('the decoder sent too many pixels')));
      bytes.set(piece, filled);
      filled += piece.length;
      if (filled === count) stop(() => resolve(bytes));
    };
    const stop = (settle: () => void): void => {
      stream.pause().off('data', take);
      settle();
    };
    stream.on('data', take).resume();
  });
}

function afterTime(callback: () => void, afterMs: number): () => void {
  const timer = setTimeout(callback, afterMs);
  return () => clearTimeout(timer);
}
