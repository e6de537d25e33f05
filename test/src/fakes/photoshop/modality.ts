/**
 * Who may write in the fake Photoshop, and when: modal scopes of plugins, suspended histories, Esc.
 *
 * One scope at a time; a second one is rejected with error 9, as is one that asks while "another plugin" is modal. After Esc
 * every call from inside the scope throws. A scope that throws, or ends with a suspended history, is rolled back.
 */
import type { OpenDocument } from './open-document.js';
import { strict } from './strict.js';

interface Suspension {
  readonly document: OpenDocument;
  readonly name: string;
}

export class Modality {
  readonly #documents: () => readonly OpenDocument[];
  #scope: { isCancelled: boolean } | undefined;
  #otherPlugin = 0;
  #suspensions = new Map<number, Suspension>();
  #nextSuspension = 1;
  /** Names of the scopes that were opened, for tests. */
  readonly scopes: string[] = [];
  /** Esc is pressed when this many calls were made in the current scope. */
  cancelAfterCalls = Number.POSITIVE_INFINITY;
  #calls = 0;

  constructor(documents: () => readonly OpenDocument[]) {
    this.#documents = documents;
  }

  get isModal(): boolean {
    return this.#scope !== undefined;
  }

  /** Makes the next `attempts` scopes collide with another plugin. */
  occupy(attempts: number): void {
    this.#otherPlugin = attempts;
  }

  /** To be called by everything that a plugin may call: fails in a cancelled scope. */
  touch(): void {
    if (this.#scope === undefined) return;
    this.#calls += 1;
    if (this.#calls > this.cancelAfterCalls) this.#scope.isCancelled = true;
    if (this.#scope.isCancelled) throw new Error('The user cancelled the operation');
  }

  async execute(work: (context: object) => Promise<unknown>, options: { commandName: string }): Promise<unknown> {
    if (this.#otherPlugin > 0 || this.#scope !== undefined) {
      this.#otherPlugin = Math.max(0, this.#otherPlugin - 1);
      throw Object.assign(new Error('host is in a modal state'), { number: 9 });
    }
    if (typeof options.commandName !== 'string') throw new Error('executeAsModal needs a commandName');
    this.scopes.push(options.commandName);
    const scope = { isCancelled: false };
    this.#scope = scope;
    this.#calls = 0;
    try {
      const result = await work(this.#context(scope));
      if (scope.isCancelled) throw new Error('The user cancelled the operation');
      if (this.#suspensions.size > 0) throw new Error('the scope ended with a suspended history');
      return result;
    } finally {
      for (const { document, name } of this.#suspensions.values()) document.resume(name, false);
      this.#suspensions.clear();
      this.#scope = undefined;
    }
  }

  #context(scope: { isCancelled: boolean }): object {
    const hostControl = strict(
      {
        suspendHistory: async ({ documentID, name }: { documentID: number; name: string }) => {
          await Promise.resolve();
          this.touch();
          const document = this.#documents().find(({ id }) => id === documentID);
          if (document === undefined) throw new Error(`no document ${documentID}`);
          document.suspend();
          this.#suspensions.set(this.#nextSuspension, { document, name });
          return { historySuspensionID: this.#nextSuspension++, finalName: undefined };
        },
        resumeHistory: async (suspension: { historySuspensionID: number; finalName?: string }, commit = true) => {
          await Promise.resolve();
          this.touch();
          const found = this.#suspensions.get(suspension.historySuspensionID);
          if (found === undefined) throw new Error('unknown suspension');
          this.#suspensions.delete(suspension.historySuspensionID);
          found.document.resume(suspension.finalName ?? found.name, commit);
        },
      },
      'hostControl',
    );
    const reportProgress = ({ value }: { value?: number }): void => {
      if (value !== undefined && !(value >= 0 && value <= 1))
        throw new Error(`progress of ${value} is not within 0..1`);
    };
    const context = { get isCancelled() { return scope.isCancelled; }, reportProgress, hostControl }; // prettier-ignore
    return strict(context, 'executionContext');
  }
}
