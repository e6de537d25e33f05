/**
 * A plugin's platform in Node: real requests, sockets and timers, and a store in memory.
 *
 * By default it goes the browser's way: an origin of `null`, no headers on sockets, hence tickets.
 */
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { Platform } from '@deltaspace/plugin-core';

export interface NodePlatformOptions {
  readonly ports: readonly number[];
  /** Whether sockets carry the token, as programs outside of browsers do. */
  readonly setsSocketHeaders?: boolean;
}

export function nodePlatform({ ports, setsSocketHeaders = false }: NodePlatformOptions): Platform & {
  readonly stored: Map<string, string>;
} {
  const stored = new Map<string, string>();
  const origin = setsSocketHeaders ? {} : { Origin: 'null' };
  return {
    stored,
    plugin: { name: 'Core test', version: '1' },
    editor: { name: 'Node', version: process.version },
    loopbackHost: '127.0.0.1',
    ports,
    setsSocketHeaders,
    fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...origin } }),
    openSocket: (url, protocols, headers = {}) =>
      new WebSocket(url, [...protocols], {
        headers: { ...headers, ...origin },
        perMessageDeflate: false,
      }),
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    nowMs: () => performance.now(),
    random: () => Math.random(),
    randomId: () => randomUUID(),
    storage: {
      read: (key) => Promise.resolve(stored.get(key)),
      write: (key, value) => Promise.resolve(void stored.set(key, value)),
      remove: (key) => Promise.resolve(void stored.delete(key)),
    },
  };
}
