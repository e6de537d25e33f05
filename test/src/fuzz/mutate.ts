/** Changes of byte strings, from a seeded generator: the same seed gives the same changes. */

/** Numbers in [0, 1). */
export type Chance = () => number;

/** Values that tend to hurt: ends of ranges, signs, and what our formats are made of. */
const nastyBytes = [0, 1, 0x7f, 0x80, 0xff, 0x22, 0x2c, 0x5b, 0x7b, 0x7d];
const nastyTexts = [
  '9'.repeat(20),
  '-1',
  '1e400',
  '0.5',
  '__proto__',
  '\\ud800',
  '[[[[[[[[',
  '"":',
  ': (',
  '\xff\xff\xff\xff\x0f',
];
/** Inputs do not grow beyond this; what a reader does with sizes is in what a file says, not in how long it is. */
const mostBytes = 4096;

/** A changed copy of `bytes`, sometimes spliced with `other`. */
export function mutate(bytes: Uint8Array, other: Uint8Array, chance: Chance): Uint8Array {
  let changed = bytes;
  const changes = 1 + Math.floor(chance() * 4);
  for (let i = 0; i < changes; i++) changed = changeOnce(changed, other, chance);
  return changed.subarray(0, mostBytes);
}

function changeOnce(bytes: Uint8Array, other: Uint8Array, chance: Chance): Uint8Array {
  const below = (end: number): number => Math.floor(chance() * end);
  const at = below(bytes.length + 1);
  const length = below(Math.min(16, bytes.length - at + 1));
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at + length)];
  switch (below(7)) {
    case 0: // flip one bit
      return bytes.map((byte, i) => (i === at ? byte ^ (1 << below(8)) : byte));
    case 1: // a nasty byte
      return bytes.map((byte, i) => (i === at ? (nastyBytes[below(nastyBytes.length)] as number) : byte));
    case 2: // leave out
      return join(before, after);
    case 3: // repeat
      return join(before, bytes.subarray(at, at + length), bytes.subarray(at, at + length), after);
    case 4: // a nasty text in place
      return join(before, Buffer.from(nastyTexts[below(nastyTexts.length)] as string, 'latin1'), after);
    case 5: // a piece of another input
      return join(before, other.subarray(below(other.length + 1)), chance() < 0.5 ? after : new Uint8Array());
    default: // cut off
      return before;
  }
}

const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
