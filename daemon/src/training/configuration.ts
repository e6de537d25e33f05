/**
 * The configuration of a run as stored in its checkpoints: compared on resume, so that a run never continues under other
 * settings than those it started with, and so that the refusal can say which setting differs.
 */

import { createHash } from 'node:crypto';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };
export type Configuration = { readonly [key: string]: JsonValue };

/** JSON with sorted keys and no spaces: equal configurations give equal texts. */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map((item: JsonValue) => canonicalJson(item)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** sha256 of the canonical JSON, in hexadecimal. */
export function configurationDigest(configuration: Configuration): string {
  return createHash('sha256').update(canonicalJson(configuration)).digest('hex');
}

/** One line per differing setting: `path: before → now`; empty when the two are equal. */
export function configurationDifferences(before: Configuration, now: Configuration): string[] {
  const old = flatten(before);
  const fresh = flatten(now);
  const paths = [...new Set([...old.keys(), ...fresh.keys()])].sort();
  return paths
    .filter((path) => old.get(path) !== fresh.get(path))
    .map((path) => `${path}: ${old.get(path) ?? '(absent)'} → ${fresh.get(path) ?? '(absent)'}`);
}

/** Leaves by dotted path, as JSON text. */
function flatten(value: JsonValue, path = '', leaves = new Map<string, string>()): Map<string, string> {
  if (value !== null && typeof value === 'object' && Object.keys(value).length > 0) {
    for (const [key, item] of Object.entries(value)) flatten(item, path ? `${path}.${key}` : key, leaves);
  } else {
    leaves.set(path, JSON.stringify(value));
  }
  return leaves;
}
