/** Replays a conversation against our client, which must send every byte that the vectors say. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import {
  DeltaClient,
  type JobProgress,
  type MessageSocket,
  type MethodName,
  type SocketListener,
} from '@deltaspace/shared-protocol';
import type { ConversationStep } from './conversation-vectors.js';
import { hex } from './frame-vectors.js';

type Sent = { sends: string } | { sendsFrame: string };

/** A socket whose other side is a list. */
class ScriptedSocket implements MessageSocket {
  readonly bufferedBytes = 0;
  readonly sent: Sent[] = [];
  listener: SocketListener | undefined;

  sendText(text: string): void {
    this.sent.push({ sends: text });
  }

  sendBinary(bytes: Uint8Array): void {
    this.sent.push({ sendsFrame: Buffer.from(bytes).toString('hex') });
  }

  close(code: number, reason: string): void {
    this.listener?.closed(code, reason);
  }

  listen(listener: SocketListener): void {
    this.listener = listener;
  }
}

class Player {
  readonly #socket = new ScriptedSocket();
  readonly #progress: JobProgress[] = [];
  #client: DeltaClient | undefined;
  /** What the user waits for. */
  #wanted: Promise<unknown> = Promise.resolve();
  #cancel = new AbortController();

  async play(step: ConversationStep): Promise<void> {
    if ('do' in step) this.#begin(step);
    else if ('sends' in step || 'sendsFrame' in step) expect(this.#socket.sent.shift()).toEqual(step);
    else if ('receives' in step) this.#socket.listener?.text(step.receives);
    else if ('receivesFrame' in step) this.#socket.listener?.binary(hex(step.receivesFrame));
    else if ('progress' in step) expect(this.#progress.shift()).toEqual(step.progress);
    else if ('gives' in step) expect(await this.#wanted).toEqual(step.gives);
    else if ('givesBytes' in step) expect(await this.#wanted).toEqual(hex(step.givesBytes));
    else await expect(this.#wanted).rejects.toMatchObject({ code: step.fails });
    await new Promise(setImmediate); // what follows from a step is sent before the next one
  }

  /** A client that has said more than its vectors is wrong, too. */
  expectSilence(): void {
    expect(this.#socket.sent).toEqual([]);
    expect(this.#progress).toEqual([]);
  }

  #begin(step: Extract<ConversationStep, { do: string }>): void {
    if (step.do === 'cancel') {
      this.#cancel.abort();
      return;
    }
    this.#wanted = this.#want(step);
    this.#wanted.catch(() => undefined); // awaited by the step that says what must come of it
  }

  async #want(step: Exclude<Extract<ConversationStep, { do: string }>, { do: 'cancel' }>): Promise<unknown> {
    switch (step.do) {
      case 'connect':
        this.#client = await DeltaClient.connect(this.#socket, { name: step.name, version: step.version, sha256 });
        return this.#client.session;
      case 'upload':
        return this.#connected.upload(hex(step.hex));
      case 'download':
        return this.#connected.download(step.digest);
      case 'call':
        this.#cancel = new AbortController();
        return this.#connected.call(step.method as MethodName, step.params, {
          signal: this.#cancel.signal,
          onProgress: (progress) => this.#progress.push(progress),
        });
    }
  }

  get #connected(): DeltaClient {
    if (this.#client === undefined) throw new Error('the conversation does not begin with connect');
    return this.#client;
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Plays all steps on a new client. Fails where the client does not do what they say. */
export async function replay(steps: readonly ConversationStep[]): Promise<void> {
  const player = new Player();
  for (const step of steps) await player.play(step);
  player.expectSilence();
}
