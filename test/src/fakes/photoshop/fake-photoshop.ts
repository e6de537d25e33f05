/**
 * A Photoshop for tests: the modules `photoshop` and `uxp` as far as the plugin uses them, over real PSD files.
 *
 * The plugin's own host code runs on it unchanged. It enforces what the real one enforces (modal scopes, history, pixel layers,
 * trimmed bounds, disposed image data, permissions) and throws on everything that it does not implement. It does not render blend
 * modes or effects, and its colours are those of `colour.ts`.
 */
import type { HostModules } from '@deltaspace/photoshop-plugin';
import { play } from './batch-play.js';
import type { DocumentHeader, DocumentState } from './document-state.js';
import { walk } from './document-state.js';
import { domDocument } from './dom.js';
import { ImageDataLedger } from './image-data.js';
import { createImaging } from './imaging.js';
import { Modality } from './modality.js';
import { OpenDocument } from './open-document.js';
import { readPsdFile } from './psd-reader.js';
import { writePsd } from './psd-writer.js';
import { strict } from './strict.js';

export interface RecordedStep {
  readonly name: string;
  readonly methodName: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export class FakePhotoshop {
  #documents: OpenDocument[] = [];
  #nextDocumentId = 50;
  readonly #listeners: { events: string[]; notify: () => void }[] = [];
  readonly modality = new Modality(() => this.#documents);
  readonly images = new ImageDataLedger();
  /** How long the plugin waited, in total. Time does not pass. */
  waitedMs = 0;
  /** The action that is being recorded. */
  readonly recorded: RecordedStep[] = [];
  readonly globals: Record<string, unknown>;
  /** Whether `getPixels` leaves alpha out of gray and Lab, as some versions do. */
  leavesOutAlpha = false;
  /** What was shown in dialogs. */
  readonly alerts: string[] = [];

  /** @param globals the global object of the plugin. */
  constructor(globals: Record<string, unknown> = {}) {
    this.globals = globals;
  }

  /** Opens the bytes of a PSD. */
  openFile(bytes: Uint8Array, name = 'picture.psd'): OpenDocument {
    const { header, state } = readPsdFile(bytes, name);
    return this.open(header, state);
  }

  open(header: DocumentHeader, state: DocumentState): OpenDocument {
    const ids = [...walk(state.layers)].map(({ layer }) => layer.id);
    const document = new OpenDocument(this.#nextDocumentId++, header, state, {
      isModal: () => this.modality.isModal,
      changed: () => this.#notify(),
      nextLayerId: Math.max(0, ...ids) + 1,
    });
    this.#documents.unshift(document);
    return document;
  }

  close(document: OpenDocument): void {
    this.#documents = this.#documents.filter((other) => other !== document);
    this.#notify();
  }

  /** The bytes of the document as it is now. */
  save(document: OpenDocument): Uint8Array {
    return writePsd(document.header, document.state);
  }

  /** Plays what was recorded, as Photoshop does: modal from beginning to end. */
  async playAction(): Promise<void> {
    for (const { methodName, parameters } of this.recorded) {
      const method = this.globals[methodName] as (context: object, info: object) => Promise<void>;
      await this.modality.execute((context) => method(context, parameters), { commandName: 'Play' });
    }
  }

  /** What the plugin gets instead of the real modules. */
  get modules(): HostModules {
    const modules = {
      app: this.#app(),
      core: strict(
        {
          executeAsModal: (work: (context: object) => Promise<unknown>, options: { commandName: string }) =>
            this.modality.execute(work, options),
          showAlert: ({ message }: { message: string }) => Promise.resolve(void this.alerts.push(message)),
        },
        'core',
      ),
      action: this.#action(),
      imaging: createImaging({
        documentOf: (id) => this.#documentOf(id),
        modality: this.modality,
        ledger: this.images,
        leavesOutAlpha: () => this.leavesOutAlpha,
      }),
      globals: this.globals,
      wait: async (durationMs: number) => {
        this.waitedMs += durationMs;
        await Promise.resolve();
      },
    };
    // The typings describe classes with private members, which no double can have.
    return modules as unknown as HostModules;
  }

  #app(): object {
    const dom = (document: OpenDocument) => domDocument(document, this.modality) as { id: number };
    const documents = (): OpenDocument[] => this.#documents;
    const documentOf = (id: number): OpenDocument => this.#documentOf(id);
    const setDocuments = (ordered: OpenDocument[]): void => {
      this.#documents = ordered;
    };
    const members = {
      get documents() {
        return documents().map(dom);
      },
      get activeDocument(): { id: number } {
        const [active] = documents();
        if (active === undefined) throw new Error('there is no open document');
        return dom(active);
      },
      set activeDocument(document: { id: number }) {
        const active = documentOf(document.id);
        setDocuments([active, ...documents().filter((other) => other !== active)]);
      },
    };
    return strict(members, 'app');
  }

  #action(): object {
    return strict(
      {
        batchPlay: async (commands: Record<string, unknown>[]) => {
          await Promise.resolve();
          this.modality.touch();
          return commands.map((command) => play((id) => this.#documentOf(id), command));
        },
        addNotificationListener: async (events: string[], notify: () => void) => {
          await Promise.resolve();
          this.#listeners.push({ events, notify });
        },
        removeNotificationListener: async (_events: string[], notify: () => void) => {
          await Promise.resolve();
          const index = this.#listeners.findIndex((listener) => listener.notify === notify);
          if (index < 0) throw new Error('this listener was not added');
          this.#listeners.splice(index, 1);
        },
        recordAction: async (options: { name: string; methodName: string }, parameters: Record<string, string>) => {
          await Promise.resolve();
          this.recorded.push({ ...options, parameters });
        },
      },
      'action',
    );
  }

  #documentOf(id: number | undefined): OpenDocument {
    const document = id === undefined ? this.#documents[0] : this.#documents.find((other) => other.id === id);
    if (document === undefined) throw new Error(`no document ${id}`);
    return document;
  }

  /** Events are silent while a plugin is modal. */
  #notify(): void {
    if (!this.modality.isModal) for (const { notify } of this.#listeners) notify();
  }
}
