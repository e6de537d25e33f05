/**
 * The fake `figma` global, as strict as the real one and stricter: what the plugin is not known to need throws.
 *
 * Holds what is around the document: selection, window, notices, storage, fonts, undo. Everything a test wants to see is in
 * `seen`; what a user does is done by methods of the editor.
 */
import type { FontName, NotificationOptions, ShowUIOptions } from '@figma/plugin-typings/plugin-api-standalone.js';
import { type FakeDocument, type NodeData } from './document.js';
import { FakeImages } from './images.js';
import { createView, isLoaded, type NodeContext } from './nodes.js';
import { asReference, strict } from './strict.js';

/** How an editor starts. */
export interface EditorWish {
  readonly document: FakeDocument;
  readonly images?: FakeImages;
  readonly relaunchCommands: readonly string[];
  readonly editorType?: 'figma' | 'figjam' | 'dev' | 'slides';
  /** Fonts on this computer. */
  readonly fonts?: readonly FontName[];
  /** What is selected at the start. */
  readonly selected?: readonly NodeData[];
  /** What the plugin stored earlier. */
  readonly storage?: Readonly<Record<string, unknown>>;
}

/** What became visible of the plugin. */
export interface Seen {
  readonly notices: { readonly text: string; readonly isError: boolean }[];
  readonly messages: unknown[];
  readonly windows: ShowUIOptions[];
  /** Whether the window is to be seen; undefined before there is one. */
  isWindowVisible: boolean | undefined;
  readonly resizes: { readonly width: number; readonly height: number }[];
  readonly zoomedTo: string[][];
  closedWith: string | null | undefined;
}

type Listener = (...args: unknown[]) => void;

/** Figma's bounds. */
const noticeCharacters = 100;
const storageBytes = 5_000_000;

export class FakeEditor {
  readonly document: FakeDocument;
  readonly images: FakeImages;
  readonly storage: Map<string, unknown>;
  readonly seen: Seen = {
    notices: [],
    messages: [],
    windows: [],
    isWindowVisible: undefined,
    resizes: [],
    zoomedTo: [],
    closedWith: undefined,
  };
  readonly mixed = Symbol('figma.mixed');
  /** The object that the plugin knows as `figma`. */
  readonly api: object;
  readonly ui = { onmessage: undefined as Listener | undefined };
  readonly #wish: EditorWish;
  readonly #views = new Map<string, object>();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #loadedFonts = new Set<string>();
  #page: NodeData;
  readonly #selections = new Map<string, string[]>();
  #onMessageToUi: (message: unknown) => void = () => undefined;

  constructor(wish: EditorWish) {
    this.#wish = wish;
    this.document = wish.document;
    this.images = wish.images ?? new FakeImages();
    this.storage = new Map(Object.entries(structuredClone(wish.storage ?? {})));
    this.#page = wish.document.page;
    this.#selections.set(
      this.#page.id,
      (wish.selected ?? []).map(({ id }) => id),
    );
    this.document.open();
    this.api = this.#guard(strict('figma', this.#members()));
  }

  /** Calls back with each message to the window. */
  onMessageToUi(listener: (message: unknown) => void): void {
    this.#onMessageToUi = listener;
  }

  /** The user selects layers. */
  select(...nodes: readonly NodeData[]): void {
    this.#selections.set(
      this.#page.id,
      nodes.map(({ id }) => id),
    );
    this.emit('selectionchange');
  }

  /** The page that is open. */
  get page(): NodeData {
    return this.#page;
  }

  /** What is selected on the page that is open. */
  get selectedIds(): readonly string[] {
    return this.#selections.get(this.#page.id) ?? [];
  }

  /** Calls the plugin's listeners of an event; nothing happens once it is closed. */
  emit(event: string, ...args: unknown[]): void {
    if (this.seen.closedWith !== undefined) return;
    for (const listener of this.#listeners.get(event) ?? []) listener(...args);
  }

  /** The user opens another page. */
  openPage(page: NodeData): void {
    this.#page = page;
    this.emit('currentpagechange');
  }

  readonly #view = (id: string): object => {
    const known = this.#views.get(id);
    if (known !== undefined) return known;
    const view = createView(id, this.document.get(id), this.#context);
    this.#views.set(id, view);
    return view;
  };

  get #context(): NodeContext {
    return {
      document: this.document,
      images: this.images,
      mixed: this.mixed,
      relaunchCommands: this.#wish.relaunchCommands,
      view: this.#view,
      isFontLoaded: (font) => this.#loadedFonts.has(fontKey(font)),
      requireLoaded: (node) => {
        const page = [node, ...this.document.around(node)].find(({ type }) => type === 'PAGE');
        if (page !== undefined && page !== this.#page && !isLoaded(page))
          throw new Error('in get_children: The page was not loaded. Call page.loadAsync() first.');
      },
      requireWritable: () => {
        if (this.#wish.editorType === 'dev') throw new Error('The document is read-only in Dev Mode');
      },
      selectionOf: (page) =>
        Object.freeze((this.#selections.get(page.id) ?? []).filter((id) => this.document.find(id)).map(this.#view)),
      select: (page, nodes) => {
        const ids = (nodes as readonly { readonly id: string }[]).map(({ id }) => this.document.get(id).id);
        if (ids.some((id) => !this.document.around(this.document.get(id)).includes(page)))
          throw new Error('in set_selection: The selection of a page can only include nodes in that page');
        this.#selections.set(page.id, ids);
        if (page === this.#page) this.emit('selectionchange');
      },
    };
  }

  /** Nothing of `figma` works once the plugin was closed. */
  #guard(api: object): object {
    return asReference(
      new Proxy(api, {
        get: (target, key, receiver) => {
          if (this.seen.closedWith !== undefined && typeof key === 'string')
            throw new Error(`figma.${key} was used after the plugin was closed`);
          return Reflect.get(target, key, receiver) as unknown;
        },
      }),
    );
  }

  #create(type: 'FRAME' | 'RECTANGLE' | 'TEXT'): object {
    this.#context.requireWritable();
    return this.#view(this.document.add(type, { parent: this.#page }).id);
  }

  #members(): object {
    const view = this.#view;
    const on = (type: string, listener: Listener): void => {
      this.#listeners.set(type, (this.#listeners.get(type) ?? new Set()).add(listener));
    };
    const currentPage = (): object => view(this.#page.id);
    return {
      apiVersion: '1.0.0',
      editorType: this.#wish.editorType ?? 'figma',
      mixed: this.mixed,
      get currentPage() {
        return currentPage();
      },
      set currentPage(_page: object) {
        throw new Error('in set_currentPage: Cannot call with documentAccess: dynamic-page. Use setCurrentPageAsync.');
      },
      setCurrentPageAsync: (page: { readonly id: string }) =>
        Promise.resolve(this.openPage(this.document.get(page.id))),
      getNodeById: () => {
        throw new Error('in getNodeById: Cannot call with documentAccess: dynamic-page. Use getNodeByIdAsync.');
      },
      getNodeByIdAsync: (id: string) => Promise.resolve(this.document.find(id) === undefined ? null : view(id)),
      createFrame: () => this.#create('FRAME'),
      createRectangle: () => this.#create('RECTANGLE'),
      createText: () => this.#create('TEXT'),
      createImage: (bytes: Uint8Array) => strict('Image', this.images.get(this.images.create(bytes)) as object),
      getImageByHash: (hash: string) => {
        const image = this.images.get(hash);
        return image === null ? null : strict('Image', image);
      },
      loadFontAsync: (font: FontName) => this.#loadFont(font),
      listAvailableFontsAsync: () => Promise.resolve(this.#fonts().map((fontName) => ({ fontName }))),
      commitUndo: () => this.document.commitUndo(),
      triggerUndo: () => void this.document.triggerUndo(),
      notify: (text: string, options: NotificationOptions = {}) => this.#notify(text, options),
      showUI: (html: string, options: ShowUIOptions) => {
        if (html === '') throw new Error('in showUI: the page is empty');
        this.seen.windows.push(structuredClone(options));
        this.seen.isWindowVisible = options.visible !== false;
      },
      closePlugin: (message?: string) => {
        this.seen.closedWith = message ?? null;
      },
      on,
      parameters: strict('figma.parameters', {
        on: (type: string, listener: Listener) => on(`parameters.${type}`, listener),
      }),
      viewport: strict('figma.viewport', {
        scrollAndZoomIntoView: (nodes: readonly { readonly id: string }[]) =>
          void this.seen.zoomedTo.push(nodes.map(({ id }) => id)),
      }),
      clientStorage: this.#clientStorage(),
      ui: this.#uiMembers(),
    };
  }

  #uiMembers(): object {
    const { ui, seen } = this;
    return strict('figma.ui', {
      get onmessage() {
        return ui.onmessage;
      },
      set onmessage(listener: Listener | undefined) {
        ui.onmessage = listener;
      },
      postMessage: (message: unknown) => {
        if (seen.windows.length === 0) throw new Error('in postMessage: No UI is open. Call showUI first.');
        const copy: unknown = structuredClone(message);
        seen.messages.push(copy);
        this.#onMessageToUi(copy);
      },
      show: () => {
        if (seen.windows.length === 0) throw new Error('in show: No UI is open. Call showUI first.');
        seen.isWindowVisible = true;
      },
      resize: (width: number, height: number) => void seen.resizes.push({ width, height }),
    });
  }

  #clientStorage(): object {
    const sizeBytes = (): number =>
      [...this.storage].reduce((sum, [key, value]) => sum + key.length + JSON.stringify(value).length, 0);
    return strict('figma.clientStorage', {
      getAsync: (key: string) => Promise.resolve(structuredClone(this.storage.get(key))),
      setAsync: (key: string, value: unknown) => {
        const old = this.storage.get(key);
        this.storage.set(key, structuredClone(value));
        if (sizeBytes() <= storageBytes) return Promise.resolve();
        this.storage.set(key, old);
        return Promise.reject(new Error('in setAsync: The storage quota of 5 MB is exceeded'));
      },
      deleteAsync: (key: string) => Promise.resolve(void this.storage.delete(key)),
      keysAsync: () => Promise.resolve([...this.storage.keys()]),
    });
  }

  #notify(text: string, { error = false }: NotificationOptions): object {
    if (text.length > noticeCharacters)
      throw new Error(`in notify: expected at most 100 characters, got ${text.length}`);
    this.seen.notices.push({ text, isError: error });
    return strict('NotificationHandler', { cancel: () => undefined });
  }

  #fonts(): readonly FontName[] {
    return this.#wish.fonts ?? [{ family: 'Inter', style: 'Regular' }];
  }

  #loadFont(font: FontName): Promise<void> {
    if (!this.#fonts().some((known) => fontKey(known) === fontKey(font)))
      return Promise.reject(new Error(`in loadFontAsync: The font "${fontKey(font)}" could not be loaded`));
    this.#loadedFonts.add(fontKey(font));
    return Promise.resolve();
  }
}

const fontKey = ({ family, style }: FontName): string => `${family} ${style}`;
