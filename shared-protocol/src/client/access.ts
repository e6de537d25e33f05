/**
 * How a client gets in: a code becomes a token once, the token a ticket for each socket where headers cannot be set.
 *
 * The token is the caller's to keep, in storage that other plugins cannot read. Neither it nor a code is ever part of an
 * address.
 */
import type * as z from 'zod';
import { pairAnswerSchema, pairBodySchema, sessionAnswerSchema, type PairedClient } from '../messages/access.js';
import { describeIssues, explainIssue } from '../messages/issues.js';
import { pairPath, sessionPath, subprotocol, ticketPrefix } from '../version.js';
import { AccessError, postJson, type DaemonAddress, type HttpPlatform } from './http.js';

/**
 * Exchanges a code that the user read from `deltaspace pair` for a token of this client's own.
 * @param request `name` is what `deltaspace clients` shows.
 * @throws AccessError `pairing_refused`, `rate_limited`, `wrong_origin`, `unreachable`, `bad_request`.
 */
export async function pairWithCode(
  platform: HttpPlatform,
  address: DaemonAddress,
  request: { readonly code: string; readonly name: string },
): Promise<{ token: string; client: PairedClient }> {
  const body = pairBodySchema.safeParse(request, { error: explainIssue });
  if (!body.success) throw new AccessError('bad_request', describeIssues(body.error));
  return checked(pairAnswerSchema, await postJson(platform, address, pairPath, body.data), pairPath);
}

/**
 * Exchanges a token for a ticket: good for one socket, and not for long.
 * @throws AccessError `unauthorized`, `wrong_origin`, `rate_limited`, `too_many_tickets`, `unreachable`.
 */
export async function openSession(
  platform: HttpPlatform,
  address: DaemonAddress,
  token: string,
): Promise<{ ticket: string; expiresInMs: number }> {
  const headers = { Authorization: `Bearer ${token}` };
  return checked(sessionAnswerSchema, await postJson(platform, address, sessionPath, {}, headers), sessionPath);
}

/** The subprotocols that a socket offers to get in with a ticket. */
export function ticketProtocols(ticket: string): string[] {
  return [subprotocol, `${ticketPrefix}${ticket}`];
}

function checked<Schema extends z.ZodType>(schema: Schema, answer: unknown, path: string): z.output<Schema> {
  const parsed = schema.safeParse(answer, { error: explainIssue });
  if (parsed.success) return parsed.data;
  throw new AccessError('unexpected_answer', `the answer to ${path} is no daemon's: ${describeIssues(parsed.error)}`);
}
