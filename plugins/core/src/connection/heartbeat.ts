/**
 * Asks the daemon now and then whether it is there. The daemon's own pings are invisible to scripts in a browser, and a socket
 * that died while the machine slept may never say so.
 */
import type { DeltaClient } from '@deltaspace/shared-protocol';
import type { Platform } from '../platform.js';
import { connectionLimits } from './reconnecting.js';

export class Heartbeat {
  readonly #platform: Pick<Platform, 'after'>;
  readonly #client: Pick<DeltaClient, 'call'>;
  readonly #onSilence: () => void;
  #stopTimer: () => void;

  /** Begins at once. `onSilence` is called at most once. */
  constructor(platform: Pick<Platform, 'after'>, client: Pick<DeltaClient, 'call'>, onSilence: () => void) {
    this.#platform = platform;
    this.#client = client;
    this.#onSilence = onSilence;
    this.#stopTimer = platform.after(connectionLimits.heartbeatMs, () => this.#ask());
  }

  stop(): void {
    this.#stopTimer();
    this.#stopTimer = () => undefined;
  }

  #ask(): void {
    const stopWaiting = this.#platform.after(connectionLimits.heartbeatAnswerMs, this.#onSilence);
    this.#stopTimer = stopWaiting;
    const isCurrent = (): boolean => this.#stopTimer === stopWaiting;
    const answered = (): void => {
      if (!isCurrent()) return;
      stopWaiting();
      this.#stopTimer = this.#platform.after(connectionLimits.heartbeatMs, () => this.#ask());
    };
    // A refusal is a sign of life, too; the end of the connection is told elsewhere.
    this.#client.call('server.status', {}).then(answered, answered);
  }
}
