/**
 * Runs inside the sandbox before the plugin: makes the globals that Figma has, and none that it has not.
 *
 * Bundled by the test and evaluated as a script, never imported. `figma` and all that comes from it are proxies: every
 * read, write and call crosses to the host, where the strict fake decides.
 */
import { fromWire, toWire, type Names, type Wire } from './wire.js';

/** What the host puts into the sandbox for this script, which takes it away again. */
interface HostDoor {
  hostCall: (request: string, ...buffers: ArrayBuffer[]) => string;
  hostBuffer: (index: number) => ArrayBuffer;
  bridge?: {
    invoke(functionId: number, list: string, bufferCount: number): void;
    settle(promiseId: number, isGood: boolean, value: string, bufferCount: number): void;
  };
}

type Operation = 'get' | 'set' | 'has' | 'call';
interface Settling {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

const door = globalThis as unknown as HostDoor & Record<string, unknown>;
const { hostCall, hostBuffer } = door;
delete (door as Partial<HostDoor>).hostCall;
delete (door as Partial<HostDoor>).hostBuffer;

const mixed = Symbol('figma.mixed');
const proxies = new Map<number, object>();
const idsOfProxies = new WeakMap<object, number>();
const functions = new Map<number, (...args: unknown[]) => unknown>();
const idsOfFunctions = new WeakMap<object, number>();
const promises = new Map<number, Settling>();
let lastFunctionId = 0;

const names: Names = {
  nameOf(value) {
    if (value === mixed) return ['mixed'];
    if (typeof value !== 'object' && typeof value !== 'function') return undefined;
    const proxyId = idsOfProxies.get(value as object);
    if (proxyId !== undefined) return ['host', proxyId];
    if (typeof value !== 'function') return undefined;
    const known = idsOfFunctions.get(value);
    if (known !== undefined) return ['sandbox', known];
    const id = ++lastFunctionId;
    functions.set(id, value as (...args: unknown[]) => unknown);
    idsOfFunctions.set(value, id);
    return ['sandbox', id];
  },
  thingOf(tag, [id, isFunction]) {
    if (tag === 'mixed') return mixed;
    if (tag === 'host') return proxyOf(id as number, isFunction === true);
    if (tag === 'promise') return new Promise((resolve, reject) => promises.set(id as number, { resolve, reject }));
    throw new Error(`unknown tag ${tag}`);
  },
};

/** Asks the host. Its errors are thrown here, as errors of the sandbox. */
function ask(operation: Operation, id: number, ...args: unknown[]): unknown {
  const buffers: Uint8Array[] = [];
  const request = JSON.stringify([operation, id, args.map((value) => toWire(value, names, buffers))]);
  const answer = JSON.parse(hostCall(request, ...buffers.map(exactBuffer))) as [
    isGood: boolean,
    value: Wire,
    bufferCount: number,
  ];
  const [isGood, value, bufferCount] = answer;
  const result = fromWire(value, names, takeBuffers(bufferCount));
  if (isGood) return result;
  throw new Error(String(result));
}

function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

const takeBuffers = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, index) => new Uint8Array(hostBuffer(index)));

/** The proxy of a host object: one per id, so that the same node is the same object. */
function proxyOf(id: number, isFunction: boolean): object {
  const known = proxies.get(id);
  if (known !== undefined) return known;
  const isSilent = (key: string | symbol): boolean => typeof key === 'symbol' || key === 'then' || key === 'toJSON';
  const proxy = new Proxy(isFunction ? () => undefined : {}, {
    get: (_, key) => (isSilent(key) ? undefined : ask('get', id, key)),
    set: (_, key, value) => (ask('set', id, key, value), true),
    has: (_, key) => ask('has', id, key) === true,
    apply: (_, __, args) => ask('call', id, args),
  });
  proxies.set(id, proxy);
  idsOfProxies.set(proxy, id);
  return proxy;
}

door.bridge = {
  invoke(functionId, list, bufferCount) {
    const args = fromWire(JSON.parse(list) as Wire, names, takeBuffers(bufferCount)) as unknown[];
    functions.get(functionId)?.(...args);
  },
  settle(promiseId, isGood, value, bufferCount) {
    const result = fromWire(JSON.parse(value) as Wire, names, takeBuffers(bufferCount));
    const settling = promises.get(promiseId);
    promises.delete(promiseId);
    if (isGood) settling?.resolve(result);
    else settling?.reject(new Error(String(result)));
  },
};

/** The host's objects with these numbers are Figma's globals; see quickjs-host.ts. */
const globals = ask('get', 0, 'globals') as Record<string, unknown>;
for (const [name, value] of Object.entries(globals)) door[name] = value;
