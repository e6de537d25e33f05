/**
 * How values cross between the host and the sandbox: as JSON with tags, bytes beside it.
 *
 * Both ends use this file; the one in the sandbox is bundled into the prelude. What is no data is named by a number: objects and
 * functions of the host, functions of the sandbox, promises. What the number means only its owner knows (`Names`).
 */

/** A value as it crosses: data by itself, everything else as a list that begins with its tag. */
export type Wire = string | number | boolean | null | readonly [tag: string, ...rest: unknown[]];

/** What an end knows of things that are no data. */
export interface Names {
  /** The tag and number of a thing, or undefined when it is data. */
  nameOf(value: unknown): readonly [tag: string, ...rest: unknown[]] | undefined;
  /** The thing of a tag and number. */
  thingOf(tag: string, rest: readonly unknown[]): unknown;
}

/** Turns a value into its crossing form; bytes are put into `buffers`. */
export function toWire(value: unknown, names: Names, buffers: Uint8Array[]): Wire {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : ['number', String(value)];
  if (value === undefined) return ['undefined'];
  const name = names.nameOf(value);
  if (name !== undefined) return name;
  if (value instanceof Uint8Array) return ['bytes', buffers.push(value) - 1];
  if (Array.isArray(value)) return ['list', Object.isFrozen(value), value.map((item) => toWire(item, names, buffers))];
  if (typeof value !== 'object') throw new Error(`cannot cross into or out of the sandbox: ${typeof value}`);
  const fields = Object.entries(value).map(([key, field]) => [key, toWire(field, names, buffers)]);
  return ['object', Object.isFrozen(value), fields];
}

/** Turns a crossing form back into a value. Bytes are not copied again. */
export function fromWire(wire: Wire, names: Names, buffers: readonly Uint8Array[]): unknown {
  if (!Array.isArray(wire)) return wire;
  const [tag, ...rest] = wire as readonly [string, ...unknown[]];
  const settle = <T extends object>(made: T): T => (rest[0] === true ? Object.freeze(made) : made);
  switch (tag) {
    case 'number':
      return Number(rest[0]);
    case 'undefined':
      return undefined;
    case 'bytes':
      return buffers[rest[0] as number];
    case 'list':
      return settle((rest[1] as Wire[]).map((item) => fromWire(item, names, buffers)));
    case 'object': {
      const fields = rest[1] as readonly [string, Wire][];
      return settle(Object.fromEntries(fields.map(([key, field]) => [key, fromWire(field, names, buffers)])));
    }
    default:
      return names.thingOf(tag, rest);
  }
}
