/**
 * The connection to the daemon as a state that panels show: it looks for the daemon, gets in, notices when it is gone, says why,
 * and comes back by itself.
 *
 * One `Connection` per panel. It owns its client and its timers; `close` ends both. What is asked over the client is not its
 * business: edits that a lost connection interrupted are sent again by their own code (editing/job-runner.ts).
 */
import {
  AccessError,
  CancelSource,
  askPorts,
  closeCodes,
  pairWithCode,
  ProtocolError,
  type CancelSignal,
  type DeltaClient,
} from '@deltaspace/shared-protocol';
import { Subject, type Observable } from '../observable.js';
import { storageKeys, type Platform } from '../platform.js';
import { createSha256 } from '../sha256.js';
import {
  attemptConnection,
  discoveryOf,
  explainRefusal,
  mostTelling,
  problemOfPort,
  problemOfSilence,
  waitOf,
} from './attempt.js';
import { Heartbeat } from './heartbeat.js';
import { problem, type Problem, type ProblemCode } from './problems.js';
import { connectionLimits, retryDelayMs } from './reconnecting.js';
import type { ConnectedState, ConnectionState } from './state.js';

/** Problems that end in `unpaired`: only a code from the user helps. */
const needsCode: ReadonlySet<ProblemCode> = new Set(['not_paired', 'access_revoked', 'origin_refused']);

/** A code as people may write it: eight letters and digits, blanks and dashes anywhere. */
const codePattern = /^[\s-]*([0-9A-Za-z][\s-]*){8}$/;

export class Connection {
  readonly #platform: Platform;
  readonly #state = new Subject<ConnectionState>({ kind: 'off', problem: problem('not_started') });
  readonly #sha256;
  /** Ends whatever is under way: an attempt, a pairing, a wait. Replaced by each of them. */
  #current = new CancelSource();
  #token: string | undefined;
  #failures = 0;
  #connectedAtMs = 0;
  #heartbeat: Heartbeat | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#sha256 = createSha256(platform);
  }

  get state(): Observable<ConnectionState> {
    return this.#state;
  }

  /** The client, as long as there is a connection. */
  get client(): DeltaClient | undefined {
    return this.#state.value.kind === 'connected' ? this.#state.value.client : undefined;
  }

  /** Begins to look for the daemon. Nothing happens when it was called before. */
  start(): void {
    if (this.#state.value.kind === 'off') void this.#attempt(problem('looking'));
  }

  /** Tries at once instead of waiting; with a connection, asks again for the packs if there were none. */
  retryNow(): void {
    const state = this.#state.value;
    if (state.kind === 'connected') {
      if (state.notice !== undefined) void this.#loadPacks(state.client);
    } else if (state.kind !== 'pairing' && state.kind !== 'connecting') void this.#attempt(lookingAgain(state));
  }

  /**
   * Exchanges the code that the user typed for access, and connects.
   * @returns whether it was accepted; why not is in the state.
   */
  async pair(code: string): Promise<boolean> {
    const signal = this.#begin();
    if (!codePattern.test(code)) {
      this.#state.set({ kind: 'unpaired', problem: problem('pairing_code_malformed') });
      return false;
    }
    this.#state.set({ kind: 'pairing', problem: problem('looking') });
    const outcome = await this.#exchange(code.trim());
    if (signal.aborted) return false;
    if (typeof outcome !== 'string') {
      this.#fail(outcome, true);
      return false;
    }
    this.#token = outcome;
    // A store that fails costs the user another pairing next time, not this session.
    await this.#platform.storage.write(storageKeys.token, outcome).catch(() => undefined);
    if (!signal.aborted) await this.#attempt(problem('looking'));
    return true;
  }

  /** Drops the token: the plugin has to be paired again. The daemon keeps its record until `deltaspace clients revoke`. */
  async forget(): Promise<void> {
    this.#begin();
    this.#token = undefined;
    await this.#platform.storage.remove(storageKeys.token).catch(() => undefined);
    await this.#attempt(problem('looking'));
  }

  /** Ends the connection for good, and with it what waits for it. `start` begins anew. */
  close(): void {
    this.#begin();
    this.#state.set({ kind: 'off', problem: problem('not_started') });
  }

  /**
   * The client as soon as there is one.
   * @throws ProtocolError `connection_lost` when there is none in time, when a code is needed, or after `close`; `cancelled`.
   */
  whenConnected(signal?: CancelSignal): Promise<DeltaClient> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        stopTimer();
        unsubscribe();
        signal?.removeEventListener('abort', cancel);
        settle();
      };
      const lost = (): void => {
        const state = this.#state.value;
        const why = state.kind === 'connected' ? '' : state.problem.title;
        end(() => reject(new ProtocolError('connection_lost', `there is no connection to the daemon: ${why}`)));
      };
      const cancel = (): void =>
        end(() => reject(new ProtocolError('cancelled', 'cancelled while there was no connection')));
      const look = (state: ConnectionState): void => {
        if (state.kind === 'connected') end(() => resolve(state.client));
        else if (state.kind === 'off' || state.kind === 'unpaired') lost();
      };
      const stopTimer = this.#platform.after(connectionLimits.patienceMs, lost);
      const unsubscribe = this.#state.subscribe(look);
      signal?.addEventListener('abort', cancel);
      if (signal?.aborted === true) cancel();
      else look(this.#state.value);
    });
  }

  /** Ends what is under way, the connection included, and gives the signal of what begins. */
  #begin(): CancelSignal {
    const { client } = this;
    this.#current.cancel();
    this.#current = new CancelSource();
    this.#heartbeat?.stop();
    this.#heartbeat = undefined;
    client?.close();
    return this.#current.signal;
  }

  async #attempt(meanwhile: Problem): Promise<void> {
    const signal = this.#begin();
    this.#state.set({ kind: 'searching', problem: meanwhile });
    const [token, port] = await Promise.all([this.#readToken(), this.#read(storageKeys.port)]);
    if (signal.aborted) return;
    const outcome = await attemptConnection({
      platform: this.#platform,
      sha256: this.#sha256,
      token,
      preferredPort: knownPort(port),
      signal,
      onConnecting: (found) => {
        if (!signal.aborted) {
          this.#state.set({ kind: 'connecting', port: found, problem: problem('opening', { port: found }) });
        }
      },
      onClose: (code, reason) => {
        if (!signal.aborted && this.#state.value.kind === 'connected') this.#lose(code, reason);
      },
    });
    if (signal.aborted) {
      if (outcome.kind === 'open') outcome.client.close();
    } else if (outcome.kind === 'open') this.#open(outcome.port, outcome.client);
    else this.#fail(outcome.problem);
  }

  #open(port: number, client: DeltaClient): void {
    this.#connectedAtMs = this.#platform.nowMs();
    const packs = client.session.models;
    const notice = packs.length === 0 ? problem('daemon_loading', { port }) : undefined;
    this.#heartbeat = new Heartbeat(this.#platform, client, () => this.#lose(1006, 'the daemon does not answer'));
    this.#state.set({ kind: 'connected', port, client, packs, notice });
    // Only a hint for the next time.
    this.#platform.storage.write(storageKeys.port, String(port)).catch(() => undefined);
    if (notice !== undefined) void this.#loadPacks(client);
  }

  /** Waits until the daemon has loaded its packs. */
  async #loadPacks(client: DeltaClient): Promise<void> {
    const update = (change: Pick<ConnectedState, 'packs' | 'notice'>): void => {
      const state = this.#state.value;
      if (state.kind === 'connected' && state.client === client) this.#state.set({ ...state, ...change });
    };
    try {
      const { models } = await client.call('models.list', {});
      update({ packs: models, notice: models.length === 0 ? problem('no_packs') : undefined });
    } catch (error) {
      const detail = error instanceof ProtocolError ? error.message : String(error);
      update({ packs: [], notice: problem('daemon_broken', { detail }) });
    }
  }

  #lose(code: number, reason: string): void {
    const wasSteady = this.#platform.nowMs() - this.#connectedAtMs >= connectionLimits.steadyMs;
    if (wasSteady) this.#failures = 0;
    this.#begin();
    switch (code) {
      case closeCodes.accessRevoked.code:
        this.#token = undefined;
        this.#platform.storage.remove(storageKeys.token).catch(() => undefined);
        return this.#fail(problem('access_revoked'));
      case closeCodes.goingAway.code:
        return this.#fail(problem('daemon_stopping'));
      case closeCodes.protocolViolation.code:
      case closeCodes.messageTooBig.code:
        return this.#fail(problem('protocol_error', { detail: reason }));
      default:
        return this.#fail(problem('connection_lost', reason === '' ? {} : { detail: reason }));
    }
  }

  /** Tells the problem, and tries again later unless only a code helps. */
  #fail(why: Problem, whilePairing = false): void {
    if (needsCode.has(why.code) || (whilePairing && why.action === 'pair')) {
      this.#failures = 0;
      this.#state.set({ kind: 'unpaired', problem: why });
      return;
    }
    this.#failures += 1;
    const delayMs = Math.max(retryDelayMs(this.#failures, this.#platform.random()), why.facts.waitMs ?? 0);
    const { signal } = this.#current;
    const stopTimer = this.#platform.after(delayMs, () => void this.#attempt(why));
    signal.addEventListener('abort', stopTimer);
    this.#state.set({ kind: 'waiting', problem: why, retryAtMs: this.#platform.nowMs() + delayMs });
  }

  /** Offers the code to each daemon in turn; a wrong one elsewhere costs nothing but a try. */
  async #exchange(code: string): Promise<string | Problem> {
    const platform = this.#platform;
    const problems: Problem[] = [];
    const port = knownPort(await this.#read(storageKeys.port));
    for (const asked of askPorts(platform, discoveryOf(platform, port))) {
      const found = await asked;
      if (found.kind !== 'daemon') {
        problems.push(...[problemOfPort(found)].filter((one) => one !== undefined));
        continue;
      }
      try {
        const address = { host: platform.loopbackHost, port: found.port };
        return (await pairWithCode(platform, address, { code, name: platform.plugin.name })).token;
      } catch (error) {
        if (!(error instanceof AccessError)) throw error;
        problems.unshift(await this.#explainPairing(found.port, error));
      }
    }
    const decisive = problems.find(({ action }) => action === 'pair');
    return decisive ?? mostTelling(problems) ?? problemOfSilence(platform);
  }

  #explainPairing(port: number, error: AccessError): Problem | Promise<Problem> {
    if (error.code === 'pairing_refused') return problem('pairing_refused', { port });
    if (error.code === 'rate_limited') return problem('pairing_rate_limited', { port, ...waitOf(error) });
    return explainRefusal(this.#platform, port, error);
  }

  async #readToken(): Promise<string | undefined> {
    this.#token ??= await this.#read(storageKeys.token);
    return this.#token;
  }

  /** A store that cannot be read is as good as an empty one: the user pairs again. */
  #read(key: string): Promise<string | undefined> {
    return this.#platform.storage.read(key).catch(() => undefined);
  }
}

/** While it looks again, the last problem stays on the screen. */
function lookingAgain(state: Exclude<ConnectionState, ConnectedState>): Problem {
  return state.kind === 'off' ? problem('looking') : state.problem;
}

function knownPort(text: string | undefined): number | undefined {
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}
