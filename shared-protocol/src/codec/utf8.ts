/**
 * Strict UTF-8, because the platform's own coder is not everywhere this package runs and replaces bad input silently.
 * Used for frame headers only (at most 4 KiB), so simplicity wins over speed.
 */

/** @throws RangeError on a lone surrogate, which has no UTF-8 form. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0) as number;
    if (point >= 0xd800 && point <= 0xdfff) throw new RangeError('text has a lone surrogate, which UTF-8 cannot hold');
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), tail(point));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), tail(point >> 6), tail(point));
    else bytes.push(0xf0 | (point >> 18), tail(point >> 12), tail(point >> 6), tail(point));
  }
  return Uint8Array.from(bytes);
}

/** @throws RangeError on anything that is not shortest-form UTF-8 of Unicode scalar values. */
export function decodeUtf8(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let index = 0; index < bytes.length;) {
    const first = bytes[index] as number;
    const length = sequenceLength(first, index);
    let point = length === 1 ? first : first & (0xff >> (length + 1));
    for (let offset = 1; offset < length; offset++) {
      const next = bytes[index + offset];
      if (next === undefined || (next & 0xc0) !== 0x80) throw new RangeError(`bad UTF-8 sequence at byte ${index}`);
      point = (point << 6) | (next & 0x3f);
    }
    const smallest = [0, 0, 0x80, 0x800, 0x10000][length] as number;
    if (point < smallest || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
      throw new RangeError(`bad UTF-8 sequence at byte ${index}`);
    }
    parts.push(String.fromCodePoint(point));
    index += length;
  }
  return parts.join('');
}

function tail(point: number): number {
  return 0x80 | (point & 0x3f);
}

function sequenceLength(first: number, index: number): number {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  if (first >= 0xf0 && first < 0xf5) return 4;
  throw new RangeError(`bad UTF-8 sequence at byte ${index}`);
}
