/**
 * Conversion between IEEE 754 binary16 and binary32.
 *
 * Node 20 has no Float16Array, so half-precision tensors carry their raw bits in a Uint16Array (onnxruntime does the
 * same). Used to halve the size of shipped weights; nothing computes in half precision here.
 */

const scratchFloat = new Float32Array(1);
const scratchBits = new Uint32Array(scratchFloat.buffer);

/** Bits of the half nearest to `value` (ties to even); overflow becomes infinity, NaN stays a NaN. */
export function encodeHalf(value: number): number {
  scratchFloat[0] = value;
  const bits = scratchBits[0] as number;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and above round to infinity
  if (magnitude >= 0x38800000) return sign | roundToEven(magnitude - 0x38000000, 13); // normal: rebias the exponent by 112
  if (magnitude < 0x33000000) return sign; // below half of the smallest subnormal
  const shift = 126 - (magnitude >>> 23);
  return sign | roundToEven((magnitude & 0x7fffff) | 0x800000, shift);
}

/** Value of the half with these bits. */
export function decodeHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Halves (raw bits) of float32 values; the result is a new array the caller owns. */
export function float32ToFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) halves[i] = encodeHalf(values[i] as number);
  return halves;
}

/** Exact float32 values of halves given as raw bits; the result is a new array the caller owns. */
export function float16ToFloat32(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const values = new Float32Array(halves.length);
  decodeTable ??= Float32Array.from({ length: 65_536 }, (_, half) => decodeHalf(half));
  for (let i = 0; i < halves.length; i++) values[i] = decodeTable[halves[i] as number] as number;
  return values;
}

/** Values of all 65 536 halves: a pack holds millions, and looking them up is ten times faster than computing. */
let decodeTable: Float32Array | undefined;

/** `value / 2^shift` for a non-negative integer, rounded to nearest, ties to even. */
function roundToEven(value: number, shift: number): number {
  const floor = value >>> shift;
  const rest = value & (2 ** shift - 1);
  const half = 2 ** (shift - 1);
  return rest > half || (rest === half && (floor & 1) === 1) ? floor + 1 : floor;
}
