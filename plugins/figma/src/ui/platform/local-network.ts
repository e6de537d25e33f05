/**
 * Whether the browser lets this page reach programs on the computer.
 *
 * Chromium has had a permission for it since 142, under changing names; asking under a name that a browser does not
 * know throws. Figma’s desktop app does not stand in the way and answers nothing: `unknown` there, too.
 */
import { type LocalNetworkPermission } from '@deltaspace/plugin-core';

/** Newest name first: split in 145, one permission before. */
export const permissionNames = ['loopback-network', 'local-network-access'] as const;

/** The part of `navigator.permissions` that is used. */
export interface PermissionSource {
  query(descriptor: { name: string }): Promise<{ readonly state: string }>;
}

/** What `Platform.localNetworkPermission` does. Never rejects. */
export function permissionReader(source: PermissionSource | undefined): () => Promise<LocalNetworkPermission> {
  return async () => {
    for (const name of permissionNames) {
      try {
        const { state } = (await source?.query({ name })) ?? { state: 'unknown' };
        if (state === 'granted' || state === 'denied' || state === 'prompt') return state;
      } catch {
        // A name of another version: try the next.
      }
    }
    return 'unknown';
  };
}
