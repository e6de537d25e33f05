/**
 * Hand-written checks that turn unknown JSON into typed data. Each takes the value and the path it was found at, returns the
 * value with its type, and throws PackError `pack_damaged` naming the path. Kept here because this package has no dependency
 * besides onnx-graph.
 */
import { PackError } from './pack-error.js';

/** A plain object as read from JSON. */
export type JsonObject = Readonly<Record<string, unknown>>;

function reject(path: string, expected: string, value: unknown): never {
  const shown = JSON.stringify(value)?.slice(0, 60) ?? 'nothing';
  throw new PackError('pack_damaged', `pack.json: ${path} should be ${expected}, found ${shown}`);
}

export function asObject(value: unknown, path: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) reject(path, 'an object', value);
  return value as JsonObject;
}

export function asText(value: unknown, path: string, pattern?: RegExp): string {
  if (typeof value !== 'string' || value.length > 2000) reject(path, 'a text', value);
  if (pattern !== undefined && !pattern.test(value)) reject(path, `a text like ${pattern.source}`, value);
  return value;
}

export function asInteger(value: unknown, path: string, least: number, most: number): number {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
    reject(path, `an integer from ${least} to ${most}`, value);
  }
  return value as number;
}

export function asNumber(value: unknown, path: string, least: number, most: number): number {
  if (typeof value !== 'number' || !(value >= least && value <= most))
    reject(path, `a number from ${least} to ${most}`, value);
  return value;
}

export function asBoolean(value: unknown, path: string): boolean {
  if (typeof value !== 'boolean') reject(path, 'true or false', value);
  return value;
}

export function asOneOf<T extends string>(value: unknown, path: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === value);
  return choice ?? reject(path, `one of ${choices.join(', ')}`, value);
}

/** A list of at most `limit` entries, each checked by `check`. */
export function asList<T>(
  value: unknown,
  path: string,
  limit: number,
  check: (entry: unknown, path: string) => T,
): T[] {
  if (!Array.isArray(value) || value.length > limit) reject(path, `a list of at most ${limit} entries`, value);
  return value.map((entry, i) => check(entry, `${path}[${i}]`));
}

/** `undefined` stays undefined; anything else is checked. */
export function optional<T>(value: unknown, path: string, check: (value: unknown, path: string) => T): T | undefined {
  return value === undefined ? undefined : check(value, path);
}
