/**
 * The global objects of UXP that the plugin uses, by their least types: sockets, requests, timers, pictures, the document.
 *
 * Neither typing package describes them well (`any`, or a browser's whole DOM that UXP does not have), so this is the list of
 * what there must be. Whatever is missing here is not used anywhere. `typeof` guards what some versions lack.
 */
import type { FetchLike, OpeningWebSocket } from '@deltaspace/shared-protocol';

/** A node as the panel uses it. Attributes and properties of UXP's widgets are reached by name. */
export interface PanelElement {
  className: string;
  textContent: string | null;
  readonly style: Record<string, string>;
  readonly children: ArrayLike<PanelElement>;
  readonly offsetWidth: number;
  /** Of fields and sliders. */
  value?: string | number;
  /** Of pictures. */
  src?: string;
  appendChild(child: PanelElement): unknown;
  removeChild(child: PanelElement): unknown;
  setAttribute(name: string, value: string): void;
  getAttribute(name: string): string | null;
  removeAttribute(name: string): void;
  addEventListener(type: string, listener: (event: PanelEvent) => void): void;
  focus(): void;
}

export interface PanelEvent {
  readonly key?: string;
  readonly target: unknown;
  preventDefault(): void;
}

/** How raw pixels are described to `ImageBlob`. */
interface RawImage {
  readonly type: 'image/uncompressed';
  readonly width: number;
  readonly height: number;
  readonly colorSpace: 'RGB';
  readonly colorProfile: string;
  readonly pixelFormat: 'RGBA';
  readonly components: 4;
  readonly componentSize: 8;
  readonly hasAlpha: true;
}

declare const fetch: FetchLike;
declare const WebSocket: new (url: string, protocols: string[]) => OpeningWebSocket;
declare const ImageBlob: new (pixels: Uint8Array, description: RawImage) => object;
declare const URL: { createObjectURL(blob: object): string; revokeObjectURL(url: string): void };
declare const document: { createElement(tag: string): PanelElement };
declare const crypto: { getRandomValues(bytes: Uint8Array): unknown } | undefined;
declare function setTimeout(work: () => void, delayMs: number): unknown;
declare function clearTimeout(timer: unknown): void;

export const createElement = (tag: string): PanelElement => document.createElement(tag);

export const request: FetchLike = (url, init) => fetch(url, init);

/** UXP's constructor takes no headers. */
export const openWebSocket = (url: string, protocols: readonly string[]): OpeningWebSocket =>
  new WebSocket(url, [...protocols]);

/** Calls back once; the function that it returns takes that back. */
export function after(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}

/** Bytes of chance; not for secrets where UXP has no `crypto`. */
export function randomBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  if (typeof crypto === 'undefined') bytes.forEach((_, index) => (bytes[index] = Math.floor(Math.random() * 256)));
  else crypto.getRandomValues(bytes);
  return bytes;
}

/** A picture in memory. */
export interface Picture {
  /** `[heightPx, widthPx, 4]`, 0..255, sRGB, alpha not premultiplied. */
  readonly rgba: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** An address under which `<img>` shows the picture, until `giveBack` is called: UXP keeps the pixels as long. */
export function showPicture({ rgba, widthPx, heightPx }: Picture): {
  readonly url: string;
  readonly giveBack: () => void;
} {
  const blob = new ImageBlob(rgba, {
    type: 'image/uncompressed',
    width: widthPx,
    height: heightPx,
    colorSpace: 'RGB',
    colorProfile: 'sRGB IEC61966-2.1',
    pixelFormat: 'RGBA',
    components: 4,
    componentSize: 8,
    hasAlpha: true,
  });
  const url = URL.createObjectURL(blob);
  return { url, giveBack: () => URL.revokeObjectURL(url) };
}
