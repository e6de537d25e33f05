/**
 * Encoded pictures on the page: bytes to an image element, with object URLs that are given back.
 *
 * A URL keeps its bytes alive until it is revoked. An element needs it only until it has read it, and may be dropped from the
 * page by whoever owns it without a word, so that it is revoked as soon as it was read.
 */
import { element, setAttribute } from './element.js';

/** Bytes of an image file. Equal keys, equal pictures: an element that shows it already is left alone. */
export interface PictureBytes {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

export class Picture {
  readonly element: HTMLImageElement;
  #key: string | undefined;

  /** An empty `alt` says that the picture is decoration. */
  constructor(alt: string, className: string) {
    this.element = element('img', { alt, class: className, hidden: true, draggable: 'false' });
    const giveBack = (): void => URL.revokeObjectURL(this.element.src);
    this.element.addEventListener('load', giveBack);
    this.element.addEventListener('error', giveBack);
  }

  set alt(text: string) {
    setAttribute(this.element, 'alt', text);
  }

  /** Shows a picture, or none. The one before stays until the new one is there to be drawn. */
  show(picture: PictureBytes | undefined): void {
    if (picture?.key === this.#key) return;
    this.#key = picture?.key;
    const old = this.element.src;
    if (picture === undefined) this.element.removeAttribute('src');
    else this.element.src = URL.createObjectURL(blobOf(picture));
    this.element.hidden = picture === undefined;
    if (old !== '') URL.revokeObjectURL(old);
  }
}

export function blobOf({ bytes, mediaType }: Pick<PictureBytes, 'bytes' | 'mediaType'>): Blob {
  return new Blob([bytes as Uint8Array<ArrayBuffer>], { type: mediaType });
}
