/**
 * The platform of `plugins/core` on UXP. Sockets carry no headers, so a ticket is asked for; there is no `crypto.subtle`, so
 * digests are computed in slices. The token lies in the secure storage, which UXP may empty: then the user pairs again.
 */
import type { Platform } from '@deltaspace/plugin-core';
import type { SecureStorage } from './modules.js';
import { after, openWebSocket, randomBytes, request } from './uxp-globals.js';

export interface UxpPlatformParts {
  readonly secureStorage: SecureStorage;
  readonly pluginVersion: string;
  readonly hostVersion: string;
}

export function createUxpPlatform({ secureStorage, pluginVersion, hostVersion }: UxpPlatformParts): Platform {
  return {
    plugin: { name: 'deltaspace for Photoshop', version: pluginVersion },
    editor: { name: 'Photoshop', version: hostVersion },
    loopbackHost: '127.0.0.1',
    fetch: request,
    openSocket: openWebSocket,
    setsSocketHeaders: false,
    after,
    nowMs: () => Date.now(),
    random: () => Math.random(),
    randomId: uuid,
    storage: {
      read: async (key) => {
        const bytes = await secureStorage.getItem(key);
        // Tokens and ports are ASCII, and not every version has a TextDecoder.
        return bytes === null || bytes === undefined ? undefined : String.fromCharCode(...bytes);
      },
      write: (key, value) => secureStorage.setItem(key, value),
      remove: (key) => secureStorage.removeItem(key),
    },
  };
}

/** A UUID of version 4. */
function uuid(): string {
  const bytes = randomBytes(16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
