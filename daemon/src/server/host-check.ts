/**
 * Who may talk to the daemon at all, by the headers alone. The guard against DNS rebinding and foreign web pages.
 *
 * A page on evil.com can point its own name at 127.0.0.1 and then talk to this port; its requests carry
 * `Host: evil.com`. Comparing Host with Origin would not notice, so Host must be one of three exact texts. The token
 * (upgrade.ts) is asked for in addition, never instead.
 */
import type { IncomingMessage } from 'node:http';

/** Whether the request has exactly one Host header and that names this daemon's loopback address and port. */
export function isHostAllowed(request: IncomingMessage, port: number): boolean {
  const hosts = headerValues(request, 'host');
  return hosts.length === 1 && ownNames(port).includes((hosts[0] as string).toLowerCase());
}

/**
 * Whether the Origin speaks against the request. None (a native program), `null` and non-web schemes (plugins) are
 * undecided and need the token like everyone; a web page of another site is refused whatever token it has.
 */
export function isOriginAllowed(request: IncomingMessage, port: number): boolean {
  const origins = headerValues(request, 'origin');
  if (origins.length === 0) return true;
  if (origins.length > 1) return false;
  const origin = (origins[0] as string).toLowerCase();
  if (!origin.startsWith('http:') && !origin.startsWith('https:')) return true;
  return ownNames(port).some((name) => origin === `http://${name}`);
}

/** This daemon's names. Clients leave the port out where it is the default one of http. */
function ownNames(port: number): string[] {
  const names = ['127.0.0.1', 'localhost', '[::1]'];
  return [...names.map((name) => `${name}:${port}`), ...(port === 80 ? names : [])];
}

/** All values of a header as they came; node's `headers` would hide repetitions. */
function headerValues(request: IncomingMessage, name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    if (request.rawHeaders[index]?.toLowerCase() === name) values.push(request.rawHeaders[index + 1] as string);
  }
  return values;
}
