/**
 * A link to a client whose methods a test answers, and layers for it. For tests of editing, below the connection.
 */
import { ProtocolError, type ImageResult } from '@deltaspace/shared-protocol';
import type { DaemonLink, EditingClient } from '../editing/link.js';
import { ManualClock } from './manual-clock.js';

export interface SentCall {
  readonly method: string;
  readonly params: Record<string, unknown>;
  readonly options: NonNullable<Parameters<EditingClient['call']>[2]>;
  answer(result: unknown): void;
  fail(code: ConstructorParameters<typeof ProtocolError>[0], message?: string): void;
}

/** A 1 × 1 result of a digest that tells which it is. */
export function resultImage(name: string): ImageResult {
  return { encoding: 'rgba8', digest: `sha256:${name}`, sizeBytes: 4, width: 1, height: 1 };
}

/** The answer to an `edit` of some targets. */
export function editResult(targets: readonly string[], name = 'out'): object {
  return {
    pack: 'avatars',
    timingsMs: {},
    outputs: targets.map((target, index) => ({
      target,
      image: resultImage(`${name}-${index}`),
      strength: 1,
      threshold: 0.02,
      channelsKept: 1,
      reach: 1,
      styleChange: 1,
      alignment: 1,
      unknownWords: [],
      warnings: [],
    })),
  };
}

export class ScriptedLink implements DaemonLink {
  readonly clock = new ManualClock();
  readonly calls: SentCall[] = [];
  readonly uploads: Uint8Array[] = [];
  readonly downloads: string[] = [];
  capabilities: Record<string, boolean> = { jobs: true, lanes: true, previews: true };
  upload: () => Promise<`sha256:${string}`> = () => Promise.resolve('sha256:layer');
  #ids = 0;
  #client = this.#makeClient();

  /** As after a reconnect. */
  reconnect(): void {
    this.#client = this.#makeClient();
  }

  readonly platform = {
    after: (delayMs: number, callback: () => void) => this.clock.after(delayMs, callback),
    nowMs: () => this.clock.nowMs(),
    randomId: () => `id-${this.#ids++}`,
  };

  whenConnected(): Promise<EditingClient> {
    return Promise.resolve(this.#client);
  }

  /** The newest call, which must be there. */
  get last(): SentCall {
    const call = this.calls[this.calls.length - 1];
    if (call === undefined) throw new Error('expected a call, got none');
    return call;
  }

  #makeClient(): EditingClient {
    const call = (
      method: string,
      params: Record<string, unknown>,
      options: SentCall['options'] = {},
    ): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const fail: SentCall['fail'] = (code, message = code) => reject(new ProtocolError(code, message));
        if (options.signal?.aborted === true) return fail('cancelled');
        options.signal?.addEventListener('abort', () => fail('cancelled'));
        this.calls.push({ method, params, options, answer: resolve, fail });
      });
    return {
      call: call as EditingClient['call'],
      upload: (bytes) => {
        this.uploads.push(bytes);
        return this.upload();
      },
      download: (digest) => {
        this.downloads.push(digest);
        return Promise.resolve(new Uint8Array(4));
      },
      session: { capabilities: this.capabilities } as EditingClient['session'],
    };
  }
}
