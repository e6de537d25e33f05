/**
 * A captured layer on its way to the daemon: sent once per connection, and again only when the daemon has lost it.
 *
 * The bytes belong to the layer from then on and must not change: their digest is remembered.
 */
import { ProtocolError, type CancelSignal, type ImageInput } from '@deltaspace/shared-protocol';
import type { EditingClient } from './link.js';

/** Pixels of a layer: RGBA, 8 bit, straight alpha, sRGB, rows from the top; or a whole image file. */
export type LayerPixels =
  | { readonly encoding: 'rgba8'; readonly bytes: Uint8Array; readonly width: number; readonly height: number }
  | { readonly encoding: 'file'; readonly bytes: Uint8Array };

/** A layer as the host captured it. The ids are the host's and never leave the plugin. */
export interface CapturedLayer {
  readonly id: string;
  readonly name: string;
  readonly documentId?: string;
  readonly pixels: LayerPixels;
}

export class LayerUpload {
  readonly #pixels: LayerPixels;
  readonly #sent = new WeakMap<EditingClient, Promise<ImageInput>>();

  constructor(pixels: LayerPixels) {
    this.#pixels = pixels;
  }

  /**
   * The layer as a message refers to it, once the daemon holds it. Callers at the same time share one upload.
   * @throws ProtocolError as `DeltaClient.upload` does.
   */
  async upload(client: EditingClient, signal?: CancelSignal): Promise<ImageInput> {
    try {
      return await (this.#sent.get(client) ?? this.#begin(client, signal));
    } catch (error) {
      const wasOthers = error instanceof ProtocolError && error.code === 'cancelled' && signal?.aborted !== true;
      if (!wasOthers) throw error;
      return this.upload(client, signal);
    }
  }

  /** The daemon has lost it: the next `upload` asks the daemon again. */
  forget(client: EditingClient): void {
    this.#sent.delete(client);
  }

  #begin(client: EditingClient, signal: CancelSignal | undefined): Promise<ImageInput> {
    const sending = this.#send(client, signal);
    this.#sent.set(client, sending);
    sending.catch(() => {
      if (this.#sent.get(client) === sending) this.#sent.delete(client);
    });
    return sending;
  }

  async #send(client: EditingClient, signal: CancelSignal | undefined): Promise<ImageInput> {
    const pixels = this.#pixels;
    const digest = await client.upload(pixels.bytes, signal === undefined ? {} : { signal });
    if (pixels.encoding === 'file') return { encoding: 'file', digest };
    return { encoding: 'rgba8', digest, width: pixels.width, height: pixels.height };
  }
}
