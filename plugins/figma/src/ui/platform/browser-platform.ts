/**
 * What the core needs, from Figma's iframe: its fetch and sockets, its clock, and the plugin's storage on the other side of the
 * bridge.
 *
 * The page has no origin (`null`), hence no storage of its own, and no headers on sockets, hence tickets. `localhost` is the name that Figma's
 * manifests are known to take.
 */
import { type Platform } from '@deltaspace/plugin-core';
import { type UiBridge } from '../ui-bridge.js';
import { permissionReader } from './local-network.js';

/** Sent to the daemon; `deltaspace clients` shows the name. */
const plugin = { name: 'deltaspace for Figma', version: '0.1.0' } as const;

export function createPlatform(bridge: Pick<UiBridge, 'request'>, ports: readonly number[]): Platform {
  const subtle = globalThis.isSecureContext ? globalThis.crypto.subtle : undefined;
  return {
    plugin,
    editor: { name: 'Figma', version: navigator.userAgent.includes('Figma') ? 'desktop' : 'browser' },
    loopbackHost: 'localhost',
    ports,
    setsSocketHeaders: false,
    fetch: (url, init) => fetch(url, { ...init, credentials: 'omit', cache: 'no-store' }),
    openSocket(url, protocols) {
      const socket = new WebSocket(url, [...protocols]);
      socket.binaryType = 'arraybuffer';
      return socket;
    },
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    nowMs: () => performance.now(),
    random: () => Math.random(),
    randomId,
    storage: {
      async read(key) {
        const { value } = await bridge.request('storage.read', { key });
        return typeof value === 'string' ? value : undefined;
      },
      write: async (key, value) => void (await bridge.request('storage.write', { key, value })),
      remove: async (key) => void (await bridge.request('storage.remove', { key })),
    },
    ...(subtle === undefined ? {} : { subtle }),
    localNetworkPermission: permissionReader(navigator.permissions),
  };
}

/** `randomUUID` exists in secure pages only; random bytes do everywhere. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
