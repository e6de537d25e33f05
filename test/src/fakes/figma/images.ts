/** Figma's image store: takes PNG, JPEG and GIF of at most 4096 × 4096, names them by content, gives copies back. */
import { createHash } from 'node:crypto';
import type { Image } from '@figma/plugin-typings/plugin-api-standalone.js';

/** Figma's bound, in pixels. */
const mostPx = 4096;

interface Size {
  readonly width: number;
  readonly height: number;
}

export class FakeImages {
  readonly #images = new Map<string, { readonly bytes: Uint8Array; readonly size: Size }>();

  /** As `figma.createImage`. */
  create(bytes: Uint8Array): string {
    if (!(bytes instanceof Uint8Array)) throw new Error('in createImage: expected a Uint8Array');
    const size = readSize(Buffer.from(bytes));
    if (size === null) throw new Error('in createImage: Image type is unsupported');
    if (size.width > mostPx || size.height > mostPx) throw new Error('in createImage: Image is too large');
    return this.keep(bytes, size);
  }

  /** Puts an image in without Figma's checks: one that came in another way, by an older version or an import. */
  keep(bytes: Uint8Array, size: Size): string {
    const hash = createHash('sha1').update(bytes).digest('hex');
    this.#images.set(hash, { bytes: bytes.slice(), size });
    return hash;
  }

  /** Forgets an image, as when a file was damaged. */
  forget(hash: string): void {
    this.#images.delete(hash);
  }

  get(hash: string): Pick<Image, 'hash' | 'getBytesAsync' | 'getSizeAsync'> | null {
    const image = this.#images.get(hash);
    if (image === undefined) return null;
    return {
      hash,
      getBytesAsync: () => Promise.resolve(image.bytes.slice()),
      getSizeAsync: () => Promise.resolve({ ...image.size }),
    };
  }

  /** The bytes of an image that must be there. */
  bytes(hash: string): Uint8Array {
    const image = this.#images.get(hash);
    if (image === undefined) throw new Error(`expected an image ${hash}, got none`);
    return image.bytes;
  }
}

function readSize(bytes: Buffer): Size | null {
  if (bytes.subarray(0, 8).toString('latin1') === '\x89PNG\r\n\x1a\n')
    return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  if (/^GIF8[79]a$/.test(bytes.subarray(0, 6).toString('latin1')))
    return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  if (bytes.length > 4 && bytes.readUInt16BE(0) === 0xffd8) return jpegSize(bytes);
  return null;
}

function jpegSize(bytes: Buffer): Size | null {
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] as number;
    if ([0xc0, 0xc1, 0xc2].includes(marker))
      return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}
