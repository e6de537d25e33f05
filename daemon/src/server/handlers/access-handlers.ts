/**
 * `pairing.*` and `clients.*` for one connection. The codes that it opened end with it.
 */
import {
  ProtocolError,
  type IncomingRequest,
  type PairedClient,
  type Params,
  type Result,
} from '@deltaspace/shared-protocol';
import type { Access, Offer } from '../../access/index.js';

export class AccessHandlers {
  readonly #access: Access;
  /** How many connections a client has right now. */
  readonly #connectionsOf: (clientId: string) => number;
  readonly #offers = new Map<string, Offer>();

  constructor(access: Access, connectionsOf: (clientId: string) => number) {
    this.#access = access;
    this.#connectionsOf = connectionsOf;
  }

  begin({ scopes, origin }: Params<'pairing.begin'>): Result<'pairing.begin'> {
    const offer = this.#access.offerPairing({ scopes, origin });
    this.#offers.set(offer.id, offer);
    return { pairingId: offer.id, code: offer.code, expiresInMs: offer.expiresInMs };
  }

  async wait(
    { pairingId }: Params<'pairing.wait'>,
    signal: IncomingRequest['signal'],
  ): Promise<Result<'pairing.wait'>> {
    const offer = this.#offers.get(pairingId);
    if (offer === undefined) {
      throw new ProtocolError('pairing_unknown', 'this connection made no pairing code of that id, or it is over');
    }
    const withdraw = (): void => this.#access.withdrawPairing(pairingId);
    signal.addEventListener('abort', withdraw);
    if (signal.aborted) withdraw();
    try {
      return { client: await offer.outcome };
    } finally {
      signal.removeEventListener('abort', withdraw);
      this.#offers.delete(pairingId);
    }
  }

  list(): Result<'clients.list'> {
    const withConnections = (client: PairedClient): Result<'clients.list'>['clients'][number] => ({
      ...client,
      connections: this.#connectionsOf(client.id),
    });
    return { clients: this.#access.clients().map(withConnections) };
  }

  async revoke({ id }: Params<'clients.revoke'>): Promise<Result<'clients.revoke'>> {
    return { client: await this.#access.revoke(id) };
  }

  /** Takes back the codes that nobody used. */
  dispose(): void {
    for (const id of this.#offers.keys()) this.#access.withdrawPairing(id);
    this.#offers.clear();
  }
}
