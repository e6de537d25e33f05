/**
 * Colour conversion of the fake Photoshop: sRGB, Adobe RGB (1998), Display P3, gray with gamma 2.2, and Lab (D50).
 *
 * Relative colorimetric through XYZ with the white of D50, by matrix and curve, in double precision, clipped to the
 * destination except for 32 bit. That is what Photoshop does with these profiles but for black point compensation
 * (nothing to do here: their blacks are zero) and dithering (which Photoshop adds for 8 bit if its settings say so).
 * Matrices are the D50-adapted primaries of the published profiles, as their ICC files have them.
 */
import { depthOf, emptyLike, type Samples } from './samples.js';

type Vector = readonly [number, number, number];
type Matrix = readonly [Vector, Vector, Vector];

interface RgbProfile {
  readonly toXyz: Matrix;
  readonly toLight: (encoded: number) => number;
  readonly toEncoded: (light: number) => number;
}

export const whiteD50: Vector = [0.9642, 1, 0.8249];

const power = (exponent: number) => (value: number) => Math.sign(value) * Math.abs(value) ** exponent;
const srgbToLight = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const srgbToEncoded = (value: number): number =>
  value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055;

export const rgbProfiles: Readonly<Record<string, RgbProfile>> = {
  'sRGB IEC61966-2.1': {
    toXyz: [
      [0.43607, 0.38515, 0.14307],
      [0.22249, 0.71687, 0.06061],
      [0.01392, 0.09708, 0.7141],
    ],
    toLight: srgbToLight,
    toEncoded: srgbToEncoded,
  },
  'Adobe RGB (1998)': {
    toXyz: [
      [0.60974, 0.20528, 0.14919],
      [0.31111, 0.62567, 0.06322],
      [0.01947, 0.06087, 0.74457],
    ],
    toLight: power(563 / 256),
    toEncoded: power(256 / 563),
  },
  'Display P3': {
    toXyz: [
      [0.51512, 0.29198, 0.1571],
      [0.2412, 0.69225, 0.06657],
      [-0.00105, 0.04189, 0.78407],
    ],
    toLight: srgbToLight,
    toEncoded: srgbToEncoded,
  },
};

export const grayProfile = 'Gray Gamma 2.2';

/** A space as pixels have it. */
export interface PixelSpace {
  readonly space: 'RGB' | 'Grayscale' | 'Lab';
  readonly profile: string;
  readonly depth: 8 | 16 | 32;
}

export const colourCount = ({ space }: PixelSpace): number => (space === 'Grayscale' ? 1 : 3);
const scaleOf = { 8: 255, 16: 32_768, 32: 1 } as const;

/** Converts interleaved pixels, whose alpha (if `components` has one more than colours) changes its depth only. */
export function convert(samples: Samples, components: number, from: PixelSpace, to: PixelSpace): Samples {
  if (from.space === to.space && from.profile === to.profile && from.depth === to.depth) return samples.slice();
  if (depthOf(samples) !== from.depth) throw new Error(`expected ${from.depth}-bit samples, got ${depthOf(samples)}`);
  const hasAlpha = components > colourCount(from);
  const outComponents = colourCount(to) + (hasAlpha ? 1 : 0);
  const count = samples.length / components;
  const model = to.depth === 8 ? new Uint8Array() : to.depth === 16 ? new Uint16Array() : new Float32Array();
  const out = emptyLike(model, count * outComponents);
  const read = reader(from);
  const write = writer(to);
  for (let pixel = 0; pixel < count; pixel++) {
    const at = pixel * components;
    const colours = Array.from(
      { length: colourCount(from) },
      (_, channel) => samples[at + channel]! / scaleOf[from.depth],
    );
    write(read(colours)).forEach((value, channel) => {
      out[pixel * outComponents + channel] = quantise(value, to);
    });
    if (hasAlpha) {
      out[pixel * outComponents + outComponents - 1] = quantise(
        samples[at + components - 1]! / scaleOf[from.depth],
        to,
      );
    }
  }
  return out;
}

function quantise(value: number, { depth }: PixelSpace): number {
  return depth === 32 ? value : Math.round(Math.min(1, Math.max(0, value)) * scaleOf[depth]);
}

function reader({ space, profile, depth }: PixelSpace): (colours: readonly number[]) => Vector {
  if (space === 'Lab') return ([l, a, b]) => labToXyz(l! * 100, a! * labSteps(depth) - 128, b! * labSteps(depth) - 128);
  if (space === 'Grayscale') {
    const toLight = depth === 32 ? (value: number) => value : power(2.2);
    return ([gray]) => whiteD50.map((part) => part * toLight(gray!)) as unknown as Vector;
  }
  const { toXyz, toLight } = rgbProfile(profile);
  return (colours) => multiply(toXyz, (depth === 32 ? colours : colours.map(toLight)) as unknown as Vector);
}

function writer({ space, profile, depth }: PixelSpace): (xyz: Vector) => readonly number[] {
  if (space === 'Lab') {
    return (xyz) => {
      const [l, a, b] = xyzToLab(xyz);
      return [l / 100, (a + 128) / labSteps(depth), (b + 128) / labSteps(depth)];
    };
  }
  if (space === 'Grayscale') return ([, y]) => [depth === 32 ? y : power(1 / 2.2)(y)];
  const { toXyz, toEncoded } = rgbProfile(profile);
  const fromXyz = invert(toXyz);
  return (xyz) => {
    const light = multiply(fromXyz, xyz);
    return depth === 32 ? light : light.map((value) => toEncoded(Math.min(1, Math.max(0, value))));
  };
}

/** How many steps of a and b full scale stands for: 8 bit counts to 255, the others to 256. */
const labSteps = (depth: 8 | 16 | 32): number => (depth === 8 ? 255 : 256);

function rgbProfile(name: string): RgbProfile {
  const profile = rgbProfiles[name];
  if (profile === undefined) {
    throw new Error(`the fake Photoshop has no profile "${name}"; it knows ${Object.keys(rgbProfiles).join(', ')}`);
  }
  return profile;
}

const cube = (value: number): number => (value > 6 / 29 ? value ** 3 : 3 * (6 / 29) ** 2 * (value - 4 / 29));
const cubeRoot = (value: number): number =>
  value > (6 / 29) ** 3 ? Math.cbrt(value) : value / (3 * (6 / 29) ** 2) + 4 / 29;

function labToXyz(l: number, a: number, b: number): Vector {
  const y = (l + 16) / 116;
  return [whiteD50[0] * cube(y + a / 500), cube(y), whiteD50[2] * cube(y - b / 200)];
}

function xyzToLab([x, y, z]: Vector): Vector {
  const [fx, fy, fz] = [cubeRoot(x / whiteD50[0]), cubeRoot(y), cubeRoot(z / whiteD50[2])];
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
}

function multiply(matrix: Matrix, [a, b, c]: Vector): Vector {
  const row = (index: 0 | 1 | 2): number => matrix[index][0] * a + matrix[index][1] * b + matrix[index][2] * c;
  return [row(0), row(1), row(2)];
}

export function invert([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const rows = [
    [e * i - f * h, c * h - b * i, b * f - c * e],
    [f * g - d * i, a * i - c * g, c * d - a * f],
    [d * h - e * g, b * g - a * h, a * e - b * d],
  ];
  return rows.map((row) => row.map((value) => value / determinant)) as unknown as Matrix;
}
