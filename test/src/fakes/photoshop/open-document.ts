/**
 * A document that is open in the fake Photoshop: its states, the history, and the rule that writes happen in a modal scope.
 */
import type { DocumentHeader, DocumentState } from './document-state.js';

export interface HistoryEntry {
  readonly id: number;
  readonly name: string;
  readonly state: DocumentState;
}

let nextHistoryId = 1000;

export class OpenDocument {
  readonly id: number;
  header: DocumentHeader;
  readonly #isModal: () => boolean;
  readonly #changed: (event: string) => void;
  #entries: HistoryEntry[];
  #position = 0;
  /** What was before the suspended step, and what has become of it so far. */
  #suspended: { readonly before: DocumentState; current: DocumentState } | undefined;
  #nextLayerId: number;

  constructor(
    id: number,
    header: DocumentHeader,
    state: DocumentState,
    host: { isModal: () => boolean; changed: (event: string) => void; nextLayerId: number },
  ) {
    this.id = id;
    this.header = header;
    this.#isModal = host.isModal;
    this.#changed = host.changed;
    this.#nextLayerId = host.nextLayerId;
    this.#entries = [{ id: nextHistoryId++, name: 'Open', state }];
  }

  get state(): DocumentState {
    return this.#suspended?.current ?? this.#entries[this.#position]!.state;
  }

  get history(): readonly HistoryEntry[] {
    return this.#entries;
  }

  get activeEntry(): HistoryEntry {
    return this.#entries[this.#position]!;
  }

  takeLayerId(): number {
    return this.#nextLayerId++;
  }

  /** A write by a plugin. */
  write(what: string, change: (state: DocumentState) => DocumentState): void {
    if (!this.#isModal()) {
      throw new Error(
        `Event: ${what} may modify the state of the host. Such events are only allowed from inside a modal scope`,
      );
    }
    this.#apply(what, change);
  }

  /** A change by the person who sits there, outside of any modal scope. */
  changeByUser(what: string, change: (state: DocumentState) => DocumentState): void {
    if (this.#isModal()) throw new Error('a person cannot change anything while Photoshop is modal');
    this.#apply(what, change);
  }

  undo(): void {
    if (this.#position === 0) throw new Error('nothing to undo');
    this.#position -= 1;
    this.#changed('undo');
  }

  redo(): void {
    if (this.#position === this.#entries.length - 1) throw new Error('nothing to redo');
    this.#position += 1;
    this.#changed('redo');
  }

  suspend(): void {
    if (this.#suspended !== undefined) throw new Error('the history of this document is suspended already');
    this.#suspended = { before: this.state, current: this.state };
  }

  /** Ends a suspension: as one entry, or as if nothing had been. */
  resume(name: string, commit: boolean): void {
    const suspended = this.#suspended;
    if (suspended === undefined) throw new Error('the history of this document is not suspended');
    this.#suspended = undefined;
    if (commit && suspended.current !== suspended.before) this.#push(name, suspended.current);
  }

  #apply(what: string, change: (state: DocumentState) => DocumentState): void {
    const next = change(this.state);
    if (this.#suspended !== undefined) this.#suspended.current = next;
    else this.#push(what, next);
    this.#changed(what);
  }

  #push(name: string, state: DocumentState): void {
    this.#entries = [...this.#entries.slice(0, this.#position + 1), { id: nextHistoryId++, name, state }];
    this.#position += 1;
  }
}
