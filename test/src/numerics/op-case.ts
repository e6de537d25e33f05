/**
 * One entry of the fixture case "forward values and gradients of single operators", and how its free-form parameters are
 * read. Sizes, strides, axes and kernels all come from the entry: the fixture folder may be another one with other sizes.
 */
import type { Shape } from '@deltaspace/onnx-graph';

export interface OpCase {
  /** Folder name, for example `conv2d_k3_s2_p1`. */
  readonly op: string;
  /** Shapes by input name, in argument order. */
  readonly inputs: Readonly<Record<string, Shape>>;
  readonly no_gradient: readonly string[];
  readonly output: Shape;
  readonly [parameter: string]: unknown;
}

/** A number written as `0.5`, `sqrt(2)` or `1/sqrt(4)`. */
export function numberOf(entry: OpCase, name: string, fallback?: number): number {
  const value = entry[name];
  if (typeof value === 'number') return value;
  if (value === undefined && fallback !== undefined) return fallback;
  const match = typeof value === 'string' ? /^(1\/)?(?:sqrt\(([\d.]+)\)|([\d.]+))$/.exec(value) : null;
  if (!match) throw new Error(`${entry.op}: ${name} is ${JSON.stringify(value)}, which is no number`);
  const magnitude = match[2] === undefined ? Number(match[3]) : Math.sqrt(Number(match[2]));
  return match[1] ? 1 / magnitude : magnitude;
}

export function textOf(entry: OpCase, name: string): string {
  const value = entry[name];
  if (typeof value !== 'string') throw new Error(`${entry.op}: ${name} is ${JSON.stringify(value)}, expected text`);
  return value;
}

export function flagOf(entry: OpCase, name: string): boolean {
  return entry[name] === true;
}

export function pairOf(entry: OpCase, name: string): [number, number] {
  const value = entry[name];
  if (!Array.isArray(value) || value.length !== 2) throw new Error(`${entry.op}: ${name} is no pair`);
  return value as [number, number];
}

/** The first match's groups as numbers. Throws when the text does not match. */
export function numbersIn(text: string, pattern: RegExp): number[] {
  const match = pattern.exec(text);
  if (!match) throw new Error(`${JSON.stringify(text)} does not match ${String(pattern)}`);
  return match.slice(1).map(Number);
}

/** `outer([1,3,3,1])/64*4` or `3x4 matrix with entries (1..12)/78 row by row`. */
export function kernelOf(text: string): number[][] {
  const outer = /outer\(\[([\d., ]+)\]\)\/(\d+)(?:\*(\d+))?/.exec(text);
  if (outer) {
    const taps = (outer[1] ?? '').split(',').map(Number);
    const scale = Number(outer[3] ?? 1) / Number(outer[2]);
    return taps.map((a) => taps.map((b) => a * b * scale));
  }
  const [rows, columns, last, divisor] = numbersIn(text, /(\d+)x(\d+) matrix with entries \(1\.\.(\d+)\)\/(\d+)/);
  if ((rows ?? 0) * (columns ?? 0) !== last) throw new Error(`kernel ${text} does not have ${last} entries`);
  return Array.from({ length: rows ?? 0 }, (_, i) =>
    Array.from({ length: columns ?? 0 }, (_unused, j) => (i * (columns ?? 0) + j + 1) / (divisor ?? 1)),
  );
}

/** Ranges of a Python index such as `x[:,1:4,::2]`. */
export function rangesOf(text: string, shape: Shape): { axis: number; start: number; end: number; step: number }[] {
  const inside = /\[([^\]]*)\]/.exec(text)?.[1];
  if (inside === undefined) throw new Error(`${text} is no index`);
  return inside.split(',').map((part, axis) => {
    const [start, end, step] = part.split(':').map((number) => number.trim());
    return { axis, start: Number(start || 0), end: Number(end || shape[axis]), step: Number(step || 1) };
  });
}
