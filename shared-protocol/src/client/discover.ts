/**
 * Finding the daemon of this machine: every port is asked who it is, all at once, and read in the order of preference.
 *
 * Browsers hide why a request failed: for them a port without a listener, another program and their own refusal to reach
 * the local network look alike, and all are `closed` here. Nothing is proved by an answer but that somebody speaks like a
 * daemon; SECURITY.md says what that is worth.
 */
import '../without-eval.js';
import * as z from 'zod';
import { daemonPorts, helloPath, productName } from '../version.js';
import { AccessError, exchange, httpLimits, parseJson, type DaemonAddress, type HttpPlatform } from './http.js';

/** Answer of `GET /v1/hello`. Tolerant: a daemon that is too new must still be recognised, to be told apart. */
export const helloAnswerSchema = z.object({
  product: z.literal(productName),
  version: z.string().min(1).max(128),
  protocol: z.object({ minimum: z.int(), maximum: z.int() }),
  instance: z.string().min(1).max(128).describe('random id of this start of the daemon'),
});
export type Hello = z.output<typeof helloAnswerSchema>;

/** What is behind a port, as far as this platform can tell. */
export type PortFinding =
  | { readonly kind: 'daemon'; readonly port: number; readonly hello: Hello }
  /** Another program answered. */
  | { readonly kind: 'other'; readonly port: number }
  /** Somebody listens and says nothing. */
  | { readonly kind: 'silent'; readonly port: number }
  /** Nobody listens, or nothing that we may read. */
  | { readonly kind: 'closed'; readonly port: number };

/** The body of a hello answer, or undefined when it is another program's. */
export function parseHello(text: string): Hello | undefined {
  return helloAnswerSchema.safeParse(parseJson(text)).data;
}

/** Asks one port. Never rejects. */
export async function askPort(platform: HttpPlatform, { host, port }: DaemonAddress): Promise<PortFinding> {
  let isInTime = true;
  const stopTimer = platform.after(httpLimits.answerMs - 1, () => (isInTime = false));
  try {
    const { text } = await exchange(platform, `http://${host}:${port}${helloPath}`, { method: 'GET', headers: {} });
    const hello = parseHello(text);
    return hello === undefined ? { kind: 'other', port } : { kind: 'daemon', port, hello };
  } catch (error) {
    const isAnswer = error instanceof AccessError && error.code === 'unexpected_answer';
    return { kind: isAnswer ? 'other' : isInTime ? 'closed' : 'silent', port };
  } finally {
    stopTimer();
  }
}

export interface DiscoveryOptions {
  /** How the platform may name the loopback interface: `127.0.0.1` or `localhost`. */
  readonly host: string;
  readonly ports?: readonly number[];
  /** The port that is asked first: where the daemon was last time. */
  readonly preferred?: number | undefined;
}

/** Asks all ports at once. The findings come in the order of preference, so that who takes them in turn waits least. */
export function askPorts(
  platform: HttpPlatform,
  { host, ports = daemonPorts, preferred }: DiscoveryOptions,
): Promise<PortFinding>[] {
  const ordered = preferred === undefined ? ports : [preferred, ...ports.filter((port) => port !== preferred)];
  return ordered.map((port) => askPort(platform, { host, port }));
}

/** The first daemon there is, or undefined. */
export async function discoverDaemon(
  platform: HttpPlatform,
  options: DiscoveryOptions,
): Promise<{ port: number; hello: Hello } | undefined> {
  for (const finding of askPorts(platform, options)) {
    const found = await finding;
    if (found.kind === 'daemon') return found;
  }
  return undefined;
}
