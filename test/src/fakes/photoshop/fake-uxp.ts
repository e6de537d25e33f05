/**
 * The module `uxp` of the fake Photoshop and the globals that its permissions guard: entry points, secure storage, sockets to
 * addresses that the manifest lists and to no other.
 */
import type { Manifest } from '@deltaspace/photoshop-plugin';
import { strict } from './strict.js';

export interface EntryPoints {
  readonly commands?: Readonly<Record<string, () => Promise<void>>>;
  readonly panels?: Readonly<Record<string, { create(root: object): void }>>;
}

export class FakeUxp {
  entryPoints: EntryPoints | undefined;
  readonly secrets = new Map<string, string>();

  get module(): object {
    const secureStorage = strict(
      {
        getItem: (key: string) =>
          Promise.resolve(this.secrets.has(key) ? new TextEncoder().encode(this.secrets.get(key)) : null),
        setItem: (key: string, value: string) => Promise.resolve(void this.secrets.set(key, value)),
        removeItem: (key: string) => Promise.resolve(void this.secrets.delete(key)),
      },
      'secureStorage',
    );
    const entrypoints = strict(
      {
        setup: (entryPoints: EntryPoints) => {
          if (this.entryPoints !== undefined) throw new Error('entrypoints.setup was called twice');
          this.entryPoints = entryPoints;
        },
      },
      'entrypoints',
    );
    const host = strict({ version: '25.0.0' }, 'host');
    return strict({ entrypoints, host, storage: strict({ secureStorage }, 'storage') }, 'uxp');
  }
}

/** What UXP does with the address of a socket or a request: the permission has scheme, host and port of it, or it is denied. */
export function checkPermission(manifest: Manifest, url: string): void {
  const { protocol, host } = new URL(url);
  const { domains } = manifest.requiredPermissions.network;
  if (!domains.includes(`${protocol}//${host}`)) {
    throw new Error(`Permission denied to the url ${url}. Manifest entry not found.`);
  }
}
