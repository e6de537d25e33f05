/** Big-endian bytes with lengths that are known only afterwards, as PSD and ICC files want them. */

export class ByteWriter {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  bytes(data: ArrayLike<number>): this {
    this.#reserve(data.length);
    this.#bytes.set(data, this.#length);
    this.#length += data.length;
    return this;
  }

  zeros(count: number): this {
    this.#reserve(count);
    this.#length += count;
    return this;
  }

  ascii(text: string): this {
    return this.bytes(Array.from(text, (character) => character.charCodeAt(0)));
  }

  uint8(value: number): this {
    return this.bytes([value & 255]);
  }

  uint16(value: number): this {
    return this.bytes([(value >> 8) & 255, value & 255]);
  }

  uint32(value: number): this {
    return this.bytes([(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);
  }

  /** Writes a section behind its own length, padded to a multiple of `align`; the length counts the padding. */
  section(write: (writer: ByteWriter) => void, align = 1): this {
    const start = this.length;
    this.uint32(0);
    write(this);
    this.pad(start, align);
    this.#view().setUint32(start, this.length - start - 4);
    return this;
  }

  /** Adds zeros until the length since `start`, without the length field there, is a multiple of `align`. */
  pad(start: number, align: number): this {
    return this.zeros((align - ((this.length - start - 4) % align)) % align);
  }

  /** Samples of one channel: 8 bit as they are, 16 bit 0..32768 as 0..65535, floats as floats. */
  samples(samples: Uint8Array | Uint16Array | Float32Array): this {
    if (samples instanceof Uint8Array) return this.bytes(samples);
    const size = samples instanceof Uint16Array ? 2 : 4;
    this.#reserve(samples.length * size);
    this.#length += samples.length * size;
    const view = this.#view();
    const start = this.length - samples.length * size;
    samples.forEach((sample, index) => {
      if (size === 2) view.setUint16(start + index * 2, Math.round((sample * 65_535) / 32_768));
      else view.setFloat32(start + index * 4, sample);
    });
    return this;
  }

  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #view(): DataView {
    return new DataView(this.#bytes.buffer);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
