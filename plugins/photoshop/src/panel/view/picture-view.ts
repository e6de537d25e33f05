/**
 * One picture in a box: shown by an address that is given back when another one comes. Its size is set in pixels, because UXP
 * fits no picture into a box by itself.
 */
import { showPicture, type Picture, type PanelElement } from '../../host/uxp-globals.js';
import { element, setAttribute, show } from './element.js';

export class PictureView {
  readonly element: PanelElement;
  #shown: Picture | undefined;
  #release: (() => void) | undefined;

  constructor(className: string) {
    this.element = element('img', { class: className });
    show(this.element, false);
  }

  /** @param box the most that the picture takes, in pixels of the panel. Small ones are not enlarged beyond it. */
  update(picture: Picture | undefined, box: { widthPx: number; heightPx: number }, alt = ''): void {
    setAttribute(this.element, 'alt', alt);
    show(this.element, picture !== undefined);
    if (picture !== undefined) this.#fit(picture, box);
    if (picture === this.#shown) return;
    this.#shown = picture;
    const release = this.#release;
    this.#release = undefined;
    if (picture !== undefined) {
      const { url, giveBack } = showPicture(picture);
      this.element.src = url;
      this.#release = giveBack;
    }
    release?.();
  }

  #fit({ widthPx, heightPx }: Picture, box: { widthPx: number; heightPx: number }): void {
    const scale = Math.min(box.widthPx / widthPx, box.heightPx / heightPx);
    const [width, height] = [`${Math.round(widthPx * scale)}px`, `${Math.round(heightPx * scale)}px`];
    if (this.element.style['width'] !== width) this.element.style['width'] = width;
    if (this.element.style['height'] !== height) this.element.style['height'] = height;
  }
}
