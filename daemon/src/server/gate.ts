/**
 * The checks that every HTTP route and the upgrade share, each by itself enough to refuse: head, Host, Origin, credentials.
 *
 * All of them throw HttpRefusal. Nothing here reads a body or a frame.
 */
import type { IncomingMessage } from 'node:http';
import { originSchema, sessionPath, subprotocol, ticketPrefix } from '@deltaspace/shared-protocol';
import {
  mayComeFrom,
  opaqueOrigin,
  type Access,
  type Identity,
  type RateLimit,
  type RequestOrigin,
} from '../access/index.js';
import { daemonSettings } from '../config/settings.js';
import { headerValues, isHostAllowed, originOf, type OwnNames } from './host-check.js';
import { HttpRefusal } from './refusal.js';

const bearerPattern = /^Bearer ([A-Za-z0-9_-]{1,128})$/;
const ticketPattern = /^[A-Za-z0-9_-]{1,128}$/;

export class Gate {
  readonly #access: Access;
  readonly #names: () => OwnNames;

  /** @param names the daemon's own names, known once it listens. */
  constructor(access: Access, names: () => OwnNames) {
    this.#access = access;
    this.#names = names;
  }

  /** Number of headers, and Host. */
  admitHead(request: IncomingMessage): void {
    if (request.rawHeaders.length / 2 > daemonSettings.httpHeaders) {
      throw new HttpRefusal('headers_too_large', `A request may have ${daemonSettings.httpHeaders} headers at most.`);
    }
    if (!isHostAllowed(request, this.#names())) {
      throw new HttpRefusal(
        'wrong_host',
        'The Host header must be 127.0.0.1, localhost or [::1] with the port of the daemon, or a name from --listen.',
      );
    }
  }

  /** The origin of a request, unless it is one that no client was paired for. */
  admitOrigin(request: IncomingMessage): RequestOrigin {
    const origin = originOf(request, this.#names());
    if (origin === undefined) throw new HttpRefusal('wrong_origin', 'A request may have one Origin header at most.');
    if (origin.kind === 'other' && !this.#access.knowsOrigin(origin.text)) throw foreignOrigin(origin.text);
    return origin;
  }

  /** Who sent a request, by its bearer token. */
  identify(request: IncomingMessage, origin: RequestOrigin): Identity {
    const [header, ...more] = headerValues(request, 'authorization');
    const token = more.length > 0 ? undefined : bearerPattern.exec(header ?? '')?.[1];
    const identity = token === undefined ? undefined : this.#access.identify(token);
    return this.#admit(identity, origin);
  }

  /** Who sent an upgrade, by bearer token or, where no header can be set, by ticket. */
  identifyUpgrade(request: IncomingMessage, origin: RequestOrigin): Identity {
    const tickets = offeredProtocols(request).filter((name) => name.startsWith(ticketPrefix));
    if (tickets.length === 0) return this.identify(request, origin);
    const ticket = tickets[0]?.slice(ticketPrefix.length) ?? '';
    const isOne = tickets.length === 1 && headerValues(request, 'authorization').length === 0;
    const identity = isOne && ticketPattern.test(ticket) ? this.#access.tickets.redeem(ticket, origin) : undefined;
    return this.#admit(identity, origin);
  }

  /** Spends one attempt, or tells how long to wait. */
  spend(limit: RateLimit): void {
    if (limit.spend()) return;
    const retryAfter = String(limit.retryAfterS);
    throw new HttpRefusal('rate_limited', `Too many attempts. Try again in ${retryAfter} s.`, {
      'Retry-After': retryAfter,
    });
  }

  #admit(identity: Identity | undefined, origin: RequestOrigin): Identity {
    if (identity === undefined) {
      this.spend(this.#access.failures);
      throw new HttpRefusal('unauthorized', unauthorizedMessage, { 'WWW-Authenticate': 'Bearer' });
    }
    if (!mayComeFrom(identity, origin)) throw foreignOrigin(origin.kind === 'other' ? origin.text : opaqueOrigin);
    return identity;
  }
}

/** The subprotocols that an upgrade offers. */
export function offeredProtocols(request: IncomingMessage): string[] {
  return headerValues(request, 'sec-websocket-protocol').flatMap((value) =>
    value.split(',').map((name) => name.trim()),
  );
}

const unauthorizedMessage =
  'Send "Authorization: Bearer TOKEN" with the token from the file "token" in the data folder, or one from pairing: ' +
  `run "deltaspace pair" and enter its code in the plugin. Browsers get a ticket from POST ${sessionPath} and offer ` +
  `the WebSocket subprotocols ${subprotocol} and ${ticketPrefix}TICKET; a ticket is good once, and not for long.`;

/** Says how to pair, so that people do not look for a way to turn the check off. */
function foreignOrigin(origin: string): HttpRefusal {
  if (origin === opaqueOrigin) {
    const message =
      'From an opaque origin only the token of a paired client is accepted: run "deltaspace pair" and enter its code ' +
      'in the plugin.';
    return new HttpRefusal('wrong_origin', message);
  }
  const command = `deltaspace pair --origin ${originSchema.safeParse(origin).success ? origin : 'ORIGIN'}`;
  return new HttpRefusal(
    'wrong_origin',
    `No client is paired for this origin. If you trust it, run "${command}" and enter the code there.`,
  );
}
