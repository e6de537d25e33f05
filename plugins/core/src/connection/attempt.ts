/**
 * One attempt to get a connection: ask the ports, check the version, get in, open the socket; or the most telling reason why
 * none of the ports led to one.
 *
 * It keeps nothing and repeats nothing; connection.ts does.
 */
import {
  AccessError,
  CancelSource,
  askPort,
  askPorts,
  negotiateProtocol,
  openClient,
  openSession,
  protocolRange,
  ProtocolError,
  socketPath,
  subprotocol,
  ticketProtocols,
  type CancelSignal,
  type DeltaClient,
  type Hello,
  type OpeningWebSocket,
  type PortFinding,
  type Sha256,
} from '@deltaspace/shared-protocol';
import type { Platform } from '../platform.js';
import { problem, type Problem, type ProblemCode } from './problems.js';
import { connectionLimits } from './reconnecting.js';

export interface AttemptParts {
  readonly platform: Platform;
  readonly sha256: Sha256;
  readonly token: string | undefined;
  readonly preferredPort: number | undefined;
  /** Gives up; whatever was opened is closed. */
  readonly signal: CancelSignal;
  readonly onConnecting: (port: number) => void;
  /** The client that the attempt gave has lost its connection. */
  readonly onClose: (code: number, reason: string) => void;
}

export type AttemptOutcome =
  | { readonly kind: 'open'; readonly port: number; readonly client: DeltaClient }
  | { readonly kind: 'failed'; readonly problem: Problem };

/**
 * What to tell when several ports failed in several ways: first what the daemon that knows us says, last what says least.
 * Codes that are missing here cannot come out of an attempt.
 */
const telling: readonly ProblemCode[] = [
  'too_many_connections',
  'socket_failed',
  'rate_limited',
  'protocol_error',
  'origin_refused',
  'access_revoked',
  'not_paired',
  'daemon_too_old',
  'plugin_too_old',
  'connection_lost',
  'daemon_silent',
  'port_taken',
];

/** Tries to connect once. Never rejects. */
export async function attemptConnection(parts: AttemptParts): Promise<AttemptOutcome> {
  const { platform, preferredPort, signal } = parts;
  const problems: Problem[] = [];
  for (const asked of askPorts(platform, discoveryOf(platform, preferredPort))) {
    const found = await asked;
    if (signal.aborted) break;
    const why = found.kind === 'daemon' ? cannotSpeak(platform, found) : problemOfPort(found);
    if (why !== undefined) problems.push(why);
    if (found.kind !== 'daemon' || why !== undefined) continue;
    if (parts.token === undefined) {
      problems.push(problem('not_paired', { port: found.port }));
      continue;
    }
    try {
      return { kind: 'open', port: found.port, client: await open(parts, found.port, parts.token) };
    } catch (error) {
      problems.push(await explainOpening(parts, found, error));
    }
  }
  return { kind: 'failed', problem: mostTelling(problems) ?? (await problemOfSilence(platform)) };
}

/** How this platform looks for daemons. */
export function discoveryOf(platform: Platform, preferred?: number): Parameters<typeof askPorts>[1] {
  return { host: platform.loopbackHost, preferred, ...(platform.ports === undefined ? {} : { ports: platform.ports }) };
}

/** The problem of a port without a daemon; undefined for a port that says nothing about anything. */
export function problemOfPort(found: PortFinding): Problem | undefined {
  if (found.kind === 'other') return problem('port_taken', { port: found.port });
  if (found.kind === 'silent') return problem('daemon_silent', { port: found.port });
  return undefined;
}

export function mostTelling(problems: readonly Problem[]): Problem | undefined {
  const rank = ({ code }: Problem): number => (telling.includes(code) ? telling.indexOf(code) : telling.length);
  return [...problems].sort((a, b) => rank(a) - rank(b))[0];
}

/** Nothing answered anywhere: not running, or a browser that stands between. */
export async function problemOfSilence(platform: Platform): Promise<Problem> {
  const facts = { editorName: platform.editor.name };
  if (platform.localNetworkPermission === undefined) return problem('not_running', facts);
  const permission = await platform.localNetworkPermission().catch(() => 'unknown' as const);
  switch (permission) {
    case 'denied':
      return problem('local_network_blocked', facts);
    case 'prompt':
      return problem('local_network_unanswered', facts);
    case 'granted':
      return problem('not_running', facts);
    case 'unknown':
      return problem('not_running_or_blocked', facts);
  }
}

function cannotSpeak(platform: Platform, { port, hello }: { port: number; hello: Hello }): Problem | undefined {
  if (negotiateProtocol(hello.protocol) !== undefined) return undefined;
  const code = hello.protocol.maximum < protocolRange.minimum ? 'daemon_too_old' : 'plugin_too_old';
  return problem(code, { port, daemonVersion: hello.version, pluginVersion: platform.plugin.version });
}

/** Gets in and opens the socket. @throws AccessError, ProtocolError. */
async function open(parts: AttemptParts, port: number, token: string): Promise<DeltaClient> {
  const { platform, signal } = parts;
  parts.onConnecting(port);
  const socket = await makeSocket(platform, port, token);
  const limit = new CancelSource();
  const giveUp = (): void => limit.cancel();
  const stopTimer = platform.after(connectionLimits.openMs, giveUp);
  signal.addEventListener('abort', giveUp);
  if (signal.aborted) giveUp();
  try {
    return await openClient(socket, {
      name: platform.plugin.name,
      version: platform.plugin.version,
      host: { ...platform.editor },
      sha256: parts.sha256,
      onClose: parts.onClose,
      signal: limit.signal,
    });
  } finally {
    stopTimer();
    signal.removeEventListener('abort', giveUp);
  }
}

async function makeSocket(platform: Platform, port: number, token: string): Promise<OpeningWebSocket> {
  const address = { host: platform.loopbackHost, port };
  const url = `ws://${address.host}:${port}${socketPath}`;
  if (platform.setsSocketHeaders) {
    return platform.openSocket(url, [subprotocol], { Authorization: `Bearer ${token}` });
  }
  const { ticket } = await openSession(platform, address, token);
  return platform.openSocket(url, ticketProtocols(ticket));
}

/** Why a daemon that answered hello did not let us in. */
async function explainOpening(
  parts: AttemptParts,
  { port, hello }: { port: number; hello: Hello },
  error: unknown,
): Promise<Problem> {
  const { platform } = parts;
  if (error instanceof AccessError) return explainRefusal(platform, port, error);
  if (!(error instanceof ProtocolError)) return problem('socket_failed', { port, detail: wordsOf(error) });
  switch (error.code) {
    case 'cancelled':
      return problem('daemon_silent', { port });
    case 'unsupported_protocol':
      return problem('plugin_too_old', { port, daemonVersion: hello.version, pluginVersion: platform.plugin.version });
    case 'connection_lost':
      return explainClosedSocket(parts, port, error);
    default:
      return problem('protocol_error', { port, detail: error.message });
  }
}

/** A refused `POST`, by its code. */
export async function explainRefusal(platform: Platform, port: number, error: AccessError): Promise<Problem> {
  switch (error.code) {
    case 'unauthorized':
      return problem('access_revoked', { port });
    case 'wrong_origin':
      return problem('origin_refused', { port, detail: error.message });
    case 'rate_limited':
    case 'too_many_tickets':
      return problem('rate_limited', { port, ...waitOf(error) });
    case 'unreachable': {
      // Browsers hide the refusal of an origin behind the same error as a daemon that has just ended.
      const again = await askPort(platform, { host: platform.loopbackHost, port });
      return problem(again.kind === 'daemon' ? 'origin_refused' : 'connection_lost', { port });
    }
    default:
      return problem('protocol_error', { port, detail: error.message });
  }
}

/** Sockets that are refused say little, browsers' nothing: asking for a ticket tells whether it was the token. */
async function explainClosedSocket(parts: AttemptParts, port: number, error: ProtocolError): Promise<Problem> {
  const { platform, token = '' } = parts;
  const address = { host: platform.loopbackHost, port };
  if (error.message.includes('503')) return problem('too_many_connections', { port });
  try {
    if (platform.setsSocketHeaders) await openSession(platform, address, token);
    else if ((await askPort(platform, address)).kind !== 'daemon') return problem('connection_lost', { port });
    return problem('socket_failed', { port, detail: error.message });
  } catch (refusal) {
    if (refusal instanceof AccessError) return explainRefusal(platform, port, refusal);
    throw refusal;
  }
}

export function waitOf({ retryAfterMs }: AccessError): { waitMs?: number } {
  return retryAfterMs === undefined ? {} : { waitMs: retryAfterMs };
}

function wordsOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
