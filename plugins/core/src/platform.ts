/**
 * Everything that the core needs of the program it runs in, in one interface: Figma's frame, Photoshop's script engine,
 * Node in tests.
 *
 * The core uses no global of any host. What is not here it does not need: no widgets, no document, no files.
 */
import type { DigestSource, HttpPlatform, OpeningWebSocket } from '@deltaspace/shared-protocol';

/** Small texts that outlive the panel. Secrets among them: use storage that other plugins cannot read. */
export interface KeyStorage {
  read(key: string): Promise<string | undefined>;
  write(key: string, value: string): Promise<void>;
  remove(key: string): Promise<void>;
}

/** What a browser says about reaching programs on this machine. `unknown`: it has such a permission and does not tell. */
export type LocalNetworkPermission = 'granted' | 'denied' | 'prompt' | 'unknown';

export interface Platform extends HttpPlatform {
  /** The plugin: sent in `initialize`, and its name is what `deltaspace clients` shows. */
  readonly plugin: { readonly name: string; readonly version: string };
  /** The editor around it. */
  readonly editor: { readonly name: string; readonly version: string };
  /** The name of the loopback interface that the host's manifest allows. */
  readonly loopbackHost: '127.0.0.1' | 'localhost';
  /** Ports to look at; the daemon's usual ones when left out. */
  readonly ports?: readonly number[];
  /**
   * Makes a socket, which may still be opening. `headers` are given only when `setsSocketHeaders` is true; they hold the token.
   */
  openSocket(url: string, protocols: readonly string[], headers?: Readonly<Record<string, string>>): OpeningWebSocket;
  /** Whether sockets can carry an Authorization header. Browsers cannot: then a ticket is asked for. */
  readonly setsSocketHeaders: boolean;
  /** Milliseconds since any fixed moment. */
  nowMs(): number;
  /** A number in [0, 1), for the jitter of reconnecting. Need not be secret. */
  random(): number;
  /** A new id each time, of letters, digits, `_` and `-`, at most 64 long: a UUID. */
  randomId(): string;
  readonly storage: KeyStorage;
  /** `crypto.subtle` where there is one; without it digests are computed in slices, so that the panel stays alive. */
  readonly subtle?: DigestSource;
  /** Left out where no browser stands between plugin and daemon. */
  localNetworkPermission?(): Promise<LocalNetworkPermission>;
}

/** Keys in `Platform.storage`. */
export const storageKeys = { token: 'deltaspace.token', port: 'deltaspace.port' } as const;

/** Resolves after some milliseconds. */
export function pause(platform: Pick<Platform, 'after'>, delayMs: number): Promise<void> {
  return new Promise((resolve) => void platform.after(delayMs, resolve));
}
