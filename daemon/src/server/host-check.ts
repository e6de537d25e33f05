/**
 * Who may talk to the daemon at all, by the headers alone. The guard against DNS rebinding and foreign web pages.
 *
 * A page on evil.com can point its own name at 127.0.0.1 and then talk to this port; its requests carry
 * `Host: evil.com`. Comparing Host with Origin would not notice, so Host must be one of a few exact texts. Credentials
 * (gate.ts) are asked for in addition, never instead.
 */
import type { IncomingMessage } from 'node:http';
import type { RequestOrigin } from '../access/index.js';
import type { OutsideAddress } from '../config/outside-listening.js';

/** The daemon's own names as they come in headers, lower case. */
export interface OwnNames {
  readonly hosts: ReadonlySet<string>;
  readonly origins: ReadonlySet<string>;
}

/** Names on loopback, and those of an outside address. Clients leave the port out where it is the scheme's own. */
export function ownNames(port: number, outside?: OutsideAddress): OwnNames {
  const local = hostsOf(['127.0.0.1', 'localhost', '[::1]'], port, 80);
  const scheme = outside?.tls === undefined ? 'http' : 'https';
  const far = outside === undefined ? [] : [bracketed(outside.address), ...outside.names];
  const farHosts = hostsOf(far, port, scheme === 'http' ? 80 : 443);
  return {
    hosts: new Set([...local, ...farHosts]),
    origins: new Set([...local.map((host) => `http://${host}`), ...farHosts.map((host) => `${scheme}://${host}`)]),
  };
}

/** Whether the request has exactly one Host header and that is one of the daemon's own names. */
export function isHostAllowed(request: IncomingMessage, names: OwnNames): boolean {
  const hosts = headerValues(request, 'host');
  return hosts.length === 1 && names.hosts.has((hosts[0] as string).toLowerCase());
}

/** The Origin of a request, compared exactly: hosts send it in lower case. Undefined when there are several. */
export function originOf(request: IncomingMessage, names: OwnNames): RequestOrigin | undefined {
  const [text, ...more] = headerValues(request, 'origin');
  if (more.length > 0) return undefined;
  if (text === undefined) return { kind: 'none' };
  return names.origins.has(text) ? { kind: 'own' } : { kind: 'other', text };
}

/** All values of a header as they came; node's `headers` would hide repetitions. */
export function headerValues(request: IncomingMessage, name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    if (request.rawHeaders[index]?.toLowerCase() === name) values.push(request.rawHeaders[index + 1] as string);
  }
  return values;
}

function hostsOf(names: readonly string[], port: number, defaultPort: number): string[] {
  return [...names.map((name) => `${name}:${port}`), ...(port === defaultPort ? names : [])];
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
