/**
 * Tickets: what a browser shows at the upgrade instead of its token, because it cannot set headers there.
 *
 * A ticket travels in `Sec-WebSocket-Protocol`, which ends up in logs of proxies and developer tools. So it is good for one
 * use, for half a minute, and from the origin that asked for it.
 */
import { daemonSettings } from '../config/settings.js';
import type { Clock } from './clock.js';
import { isSameIdentity, originKey, type Identity, type RequestOrigin } from './identity.js';
import { drawToken, fingerprint, type RandomSource } from './secrets.js';

interface OpenTicket {
  readonly identity: Identity;
  readonly origin: string;
  readonly expiresAtMs: number;
}

export class TicketBox {
  readonly #clock: Clock;
  readonly #random: RandomSource;
  /** By fingerprint, so that looking one up says nothing about the others. */
  readonly #open = new Map<string, OpenTicket>();

  constructor(clock: Clock, random: RandomSource) {
    this.#clock = clock;
    this.#random = random;
  }

  /** A new ticket, or undefined when this holder has too many open. */
  issue(identity: Identity, origin: RequestOrigin): { ticket: string; expiresInMs: number } | undefined {
    const nowMs = this.#clock.monotonicMs();
    let held = 0;
    for (const [key, ticket] of this.#open) {
      if (ticket.expiresAtMs <= nowMs) this.#open.delete(key);
      else if (isSameIdentity(ticket.identity, identity)) held++;
    }
    if (held >= daemonSettings.ticketsPerClient) return undefined;
    const ticket = drawToken(this.#random);
    const expiresAtMs = nowMs + daemonSettings.ticketMs;
    this.#open.set(fingerprint(ticket), { identity, origin: originKey(origin), expiresAtMs });
    return { ticket, expiresInMs: daemonSettings.ticketMs };
  }

  /** Whom the ticket was given to. Showing one ends it, whether or not it fits. */
  redeem(ticket: string, origin: RequestOrigin): Identity | undefined {
    const key = fingerprint(ticket);
    const open = this.#open.get(key);
    this.#open.delete(key);
    if (open === undefined || open.expiresAtMs <= this.#clock.monotonicMs()) return undefined;
    return open.origin === originKey(origin) ? open.identity : undefined;
  }

  /** Ends the tickets of a client that was revoked. */
  dropClient(id: string): void {
    for (const [key, { identity }] of this.#open) {
      if (identity.kind === 'client' && identity.id === id) this.#open.delete(key);
    }
  }
}
