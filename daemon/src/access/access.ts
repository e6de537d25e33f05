/**
 * Who may use the daemon: the user's token, paired clients, tickets, pairing codes, and how often anyone may guess.
 *
 * Knows nothing of HTTP and sockets; server/gate.ts asks it. Right credentials are let in however many wrong ones came
 * before, so guessing on the loopback interface locks nobody out. Pairing codes are the exception: they are short, so once the
 * guesses are spent nobody pairs until some have come back.
 */
import { randomUUID } from 'node:crypto';
import { ProtocolError, type PairedClient } from '@deltaspace/shared-protocol';
import { daemonSettings } from '../config/settings.js';
import { tokensMatch } from '../config/token.js';
import { ClientStore, tooManyClients } from './client-store.js';
import type { Clock } from './clock.js';
import { opaqueOrigin, type Identity, type RequestOrigin } from './identity.js';
import { PairingDesk, type Grant, type Offer } from './pairing.js';
import { RateLimit } from './rate-limit.js';
import { drawToken, type RandomSource } from './secrets.js';
import { TicketBox } from './tickets.js';

export interface AccessParts {
  readonly userToken: string;
  readonly clientsFile: string;
  readonly clock: Clock;
  readonly random: RandomSource;
}

export class Access {
  readonly #userToken: string;
  readonly #clients: ClientStore;
  readonly #parts: AccessParts;
  readonly #desk: PairingDesk;
  readonly tickets: TicketBox;
  /** Wrong tokens and tickets of all callers. */
  readonly failures: RateLimit;
  /** Uses of pairing codes by all callers, right or wrong. */
  readonly pairingAttempts: RateLimit;
  readonly #revokedListeners = new Set<(id: string) => void>();

  private constructor(parts: AccessParts, clients: ClientStore) {
    const { clock, random } = parts;
    this.#parts = parts;
    this.#userToken = parts.userToken;
    this.#clients = clients;
    this.#desk = new PairingDesk(clock, random);
    this.tickets = new TicketBox(clock, random);
    this.failures = new RateLimit(daemonSettings.failedLogins, clock);
    this.pairingAttempts = new RateLimit(daemonSettings.pairingAttempts, clock);
  }

  /** @throws Error when the file of clients is damaged. */
  static async open(parts: AccessParts): Promise<Access> {
    return new Access(parts, await ClientStore.open(parts.clientsFile));
  }

  /** Whether an origin that is not the daemon's own is worth looking at credentials for. */
  knowsOrigin(origin: string): boolean {
    return origin === opaqueOrigin || this.#clients.hasOrigin(origin) || this.#desk.hasOrigin(origin);
  }

  /** The holder of a token. Both kinds are compared, whichever it is. */
  identify(token: string): Identity | undefined {
    const client = this.#clients.findByToken(token);
    return tokensMatch(token, this.#userToken) ? { kind: 'user' } : client;
  }

  /** Opens a pairing code. @throws ProtocolError `too_many_pairings`, `too_many_clients`. */
  offerPairing(grant: Grant): Offer {
    if (this.#clients.size + this.#desk.size >= daemonSettings.pairedClients) throw tooManyClients();
    return this.#desk.offer(grant);
  }

  withdrawPairing(id: string): void {
    this.#desk.withdraw(id);
  }

  /**
   * Exchanges a code for a token of the client's own. Undefined when the code is wrong.
   * @throws ProtocolError `too_many_clients`; Error when the client could not be written down.
   */
  async pair(
    code: string,
    name: string,
    origin: RequestOrigin,
  ): Promise<{ token: string; client: PairedClient } | undefined> {
    const redemption = this.#desk.redeem(code, origin);
    if (redemption === undefined) return undefined;
    const { grant, succeed, fail } = redemption;
    const token = drawToken(this.#parts.random);
    try {
      const client = await this.#clients.add(
        {
          id: randomUUID(),
          name,
          scopes: [...grant.scopes],
          ...(grant.origin === undefined ? {} : { origin: grant.origin }),
          createdAt: this.#parts.clock.date().toISOString(),
        },
        token,
      );
      succeed(client);
      return { token, client };
    } catch (error) {
      fail(new ProtocolError('internal_error', 'the client could not be written down', { cause: error }));
      throw error;
    }
  }

  clients(): PairedClient[] {
    return this.#clients.list();
  }

  /** Takes a client's token, tickets and connections away. @throws ProtocolError `client_unknown`. */
  revoke(id: string): Promise<PairedClient> {
    return this.#clients.remove(id, () => {
      this.tickets.dropClient(id);
      for (const listener of this.#revokedListeners) listener(id);
    });
  }

  /** Calls back whenever a client is revoked. */
  onRevoked(listener: (id: string) => void): void {
    this.#revokedListeners.add(listener);
  }
}
