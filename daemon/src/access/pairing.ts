/**
 * Pairing codes that are open right now: one use, a short life, few tries.
 *
 * A code has 40 bit because a person types it. Guessing is made hopeless around it: every wrong guess counts against every
 * open code, five end a code, few codes are open at a time, and `access.ts` limits the guesses of all callers together.
 * Nobody learns whether a code is open: wrong, expired and none give the same answer.
 */
import { ProtocolError, type PairedClient, type Scope } from '@deltaspace/shared-protocol';
import { daemonSettings } from '../config/settings.js';
import { tokensMatch } from '../config/token.js';
import type { Clock } from './clock.js';
import { opaqueOrigin, type RequestOrigin } from './identity.js';
import { drawCode, drawToken, normalizeCode, type RandomSource } from './secrets.js';

/** What whoever uses a code will get. */
export interface Grant {
  readonly scopes: readonly Scope[];
  /** The web origin to let in; without one, native programs and opaque origins. */
  readonly origin: string | undefined;
}

/** An open code, for the side that shows it to the user. */
export interface Offer {
  readonly id: string;
  readonly code: string;
  readonly expiresInMs: number;
  /** Who paired. @throws ProtocolError `pairing_expired`, `pairing_used_up`, `cancelled`. */
  readonly outcome: Promise<PairedClient>;
}

/** A code that was used: its grant, and how its offer ends. */
export interface Redemption {
  readonly grant: Grant;
  readonly succeed: (client: PairedClient) => void;
  readonly fail: (error: ProtocolError) => void;
}

interface OpenCode extends Redemption {
  readonly code: string;
  readonly stopTimer: () => void;
  triesLeft: number;
}

export class PairingDesk {
  readonly #clock: Clock;
  readonly #random: RandomSource;
  readonly #open = new Map<string, OpenCode>();

  constructor(clock: Clock, random: RandomSource) {
    this.#clock = clock;
    this.#random = random;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Opens a code. @throws ProtocolError `too_many_pairings`. */
  offer(grant: Grant): Offer {
    if (this.#open.size >= daemonSettings.pairingCodes) {
      throw new ProtocolError(
        'too_many_pairings',
        `at most ${daemonSettings.pairingCodes} pairing codes may be open; use one or cancel it first`,
      );
    }
    const id = drawToken(this.#random);
    const code = drawCode(this.#random);
    const { promise: outcome, succeed, fail } = settleable();
    const stopTimer = this.#clock.after(daemonSettings.pairingMs, () => {
      this.#close(id, new ProtocolError('pairing_expired', 'nobody used the code in time; ask for another one'));
    });
    const triesLeft = daemonSettings.pairingTries;
    this.#open.set(id, { code: normalizeCode(code), grant, succeed, fail, stopTimer, triesLeft });
    return { id, code, expiresInMs: daemonSettings.pairingMs, outcome };
  }

  /** Uses a code up. Undefined when it fits none, which costs all of them a try. */
  redeem(typed: string, origin: RequestOrigin): Redemption | undefined {
    const given = normalizeCode(typed);
    let found: string | undefined;
    for (const [id, { code, grant }] of this.#open) {
      const fits = tokensMatch(given, code) && mayPairFrom(grant, origin);
      if (fits) found = id;
    }
    if (found === undefined) {
      this.#countWrongGuess();
      return undefined;
    }
    return this.#close(found);
  }

  /** Takes a code back. Nothing happens when it is over already. */
  withdraw(id: string): void {
    this.#close(id, new ProtocolError('cancelled', 'the pairing code was taken back'));
  }

  /** Whether an open code lets that web origin in. */
  hasOrigin(origin: string): boolean {
    return [...this.#open.values()].some(({ grant }) => grant.origin === origin);
  }

  #countWrongGuess(): void {
    for (const [id, code] of this.#open) {
      code.triesLeft -= 1;
      if (code.triesLeft > 0) continue;
      const words = 'wrong guesses used the code up; ask for another one, and find out who guesses if it was not you';
      this.#close(id, new ProtocolError('pairing_used_up', words));
    }
  }

  #close(id: string, reason?: ProtocolError): OpenCode | undefined {
    const code = this.#open.get(id);
    this.#open.delete(id);
    code?.stopTimer();
    if (reason !== undefined) code?.fail(reason);
    return code;
  }
}

function mayPairFrom(grant: Grant, origin: RequestOrigin): boolean {
  if (grant.origin !== undefined) return origin.kind === 'other' && origin.text === grant.origin;
  return origin.kind !== 'other' || origin.text === opaqueOrigin;
}

function settleable(): { promise: Promise<PairedClient>; succeed: Redemption['succeed']; fail: Redemption['fail'] } {
  let succeed: Redemption['succeed'] = () => undefined;
  let fail: Redemption['fail'] = () => undefined;
  const promise = new Promise<PairedClient>((resolve, reject) => {
    succeed = resolve;
    fail = reject;
  });
  promise.catch(() => undefined); // The code may be over before anybody waits for it.
  return { promise, succeed, fail };
}
