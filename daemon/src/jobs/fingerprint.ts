/** Which requests are the same work: a digest of what is computed, whatever the order of its members. */
import { createHash } from 'node:crypto';
import type { JobRequest } from './job.js';

/** Hexadecimal sha256 of a request in canonical form. */
export function fingerprint(request: JobRequest): string {
  return createHash('sha256')
    .update(JSON.stringify(canonical(request)))
    .digest('hex');
}

/** The same data with members in the order of their names. Members that are undefined vanish, as they do on the wire. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, canonical(member)]));
}
