/**
 * One layer being edited: captured when that is first needed, again when it has changed, with the session over what was captured.
 *
 * A result of an earlier edit is edited again from its source, and then replaced. Of several subjects one is captured; choosing
 * another one captures again. It writes nothing into the document.
 */
import { EditSession, type Connection, type Platform, type Recipe } from '@deltaspace/plugin-core';
import { ProtocolError } from '@deltaspace/shared-protocol';
import type { PhotoshopPort } from '../../host/photoshop-port.js';
import type { Picture } from '../../host/uxp-globals.js';
import { captureLayer, type Capture } from '../../layer/capture.js';
import { captureAgain } from '../../layer/re-edit.js';
import { reducePicture } from './pictures.js';
import { findSubjects, type LayerSubject } from './subjects.js';
import type { LayerTarget } from './target.js';

/** Longer side of previews, in pixels: twice what a docked panel shows. */
export const previewSidePx = 512;

export interface LayerEditorParts {
  readonly port: PhotoshopPort;
  readonly platform: Platform;
  readonly connection: Connection;
  readonly target: LayerTarget;
  /** The recipe of the panel, asked for when a session begins. */
  readonly recipe: () => Recipe;
  readonly onChange: () => void;
}

export class LayerEditor {
  readonly #parts: LayerEditorParts;
  #opening: Promise<EditSession> | undefined;
  #unsubscribe: (() => void) | undefined;
  #isClosed = false;
  #isStale = false;
  #areSubjectsKnown = false;
  capture: Capture | undefined;
  session: EditSession | undefined;
  /** What was captured, at the size of previews. */
  original: Picture | undefined;
  subjects: readonly LayerSubject[] = [];
  subject = 0;
  /** The layer whose contents an edit replaces; undefined for a new layer. */
  replaceLayerId: number | undefined;

  constructor(parts: LayerEditorParts) {
    this.#parts = parts;
  }

  get target(): LayerTarget {
    return this.#parts.target;
  }

  get isReading(): boolean {
    return this.#opening !== undefined;
  }

  /** The session when the layer, and what was chosen of it, is as it was captured. */
  get openSession(): EditSession | undefined {
    return this.#isStale || this.isReading ? undefined : this.session;
  }

  /** The layer, or the selection, was changed: the next `open` captures again. */
  markStale(): void {
    this.#isStale = true;
    this.#areSubjectsKnown = false;
  }

  /**
   * The session over the layer as it is, captured now if need be.
   * @throws LayerError, HostError as capturing does; ProtocolError `cancelled` when the editor was closed meanwhile.
   */
  open(): Promise<EditSession> {
    if (this.openSession !== undefined) return Promise.resolve(this.openSession);
    if (this.#opening === undefined) {
      this.#opening = this.#capture().finally(() => {
        this.#opening = undefined;
        this.#parts.onChange();
      });
      this.#parts.onChange();
    }
    return this.#opening;
  }

  /** @param index into `subjects`. */
  async chooseSubject(index: number): Promise<EditSession> {
    await this.#opening?.catch(() => undefined);
    this.subject = index;
    this.#isStale = true;
    return this.open();
  }

  close(): void {
    this.#isClosed = true;
    this.#unsubscribe?.();
    this.session?.close();
  }

  async #capture(): Promise<EditSession> {
    this.#isStale = false;
    try {
      const capture = await (this.target.result === undefined ? this.#captureLayer() : this.#captureSource());
      this.#checkOpen();
      return this.#begin(capture);
    } catch (error) {
      this.#isStale = true; // the session there may be is of another capture than the one that was asked for
      throw error;
    }
  }

  async #captureLayer(): Promise<Capture> {
    const { port, target } = this.#parts;
    const named = { document: target.document, layerId: target.layer.id };
    const within = this.subjects[this.subject]?.bounds;
    const capture = await captureLayer(port, { ...named, ...(within === undefined ? {} : { within }) });
    if (this.#areSubjectsKnown) return capture;
    const areSeveral = await this.#findSubjects(capture);
    this.#checkOpen();
    return areSeveral ? captureLayer(port, { ...named, within: this.subjects[this.subject]!.bounds }) : capture;
  }

  async #captureSource(): Promise<Capture> {
    const { port, target } = this.#parts;
    const again = await captureAgain(port, { document: target.document, layerId: target.layer.id });
    this.replaceLayerId = again.resultLayerId;
    return again.capture;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new ProtocolError('cancelled', 'the layer is not edited any more');
  }

  /** Whether there are several. That nobody could be asked costs the choice, not the edit. */
  async #findSubjects(capture: Capture): Promise<boolean> {
    const { client } = this.#parts.connection;
    if (client === undefined) return false;
    try {
      this.subjects = await findSubjects(client, capture);
      this.#areSubjectsKnown = true;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.subjects = [];
    }
    this.subject = Math.min(this.subject, Math.max(0, this.subjects.length - 1));
    return this.subjects.length > 0;
  }

  #begin(capture: Capture): EditSession {
    const { platform, connection, target, recipe, onChange } = this.#parts;
    this.#unsubscribe?.();
    this.session?.close();
    this.capture = capture;
    const { rgba, size } = capture;
    this.original = reducePicture({ rgba, ...size }, previewSidePx);
    this.session = new EditSession({
      link: connection,
      platform,
      layer: {
        id: String(capture.layer.id),
        name: target.layer.name,
        documentId: String(capture.document.id),
        pixels: { encoding: 'rgba8', bytes: rgba, width: size.widthPx, height: size.heightPx },
      },
      encoding: 'rgba8',
      previewSide: previewSidePx,
      recipe: recipe(),
    });
    this.#unsubscribe = this.session.state.subscribe(onChange);
    return this.session;
  }
}
