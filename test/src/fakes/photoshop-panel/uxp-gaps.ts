/// <reference lib="dom" />
/**
 * What a browser has and UXP has not, taken away from the page before the plugin is loaded; and what UXP has instead: sockets and
 * requests that are checked against the manifest, `ImageBlob`.
 *
 * Members of prototypes (`toSorted`, …) stay, because the fake host in the same page needs them; the lint finds those.
 */
import type { Manifest } from '@deltaspace/photoshop-plugin';
import { checkPermission } from '../photoshop/fake-uxp.js';

/** Globals that are gone for everybody in the page. */
const gaps = [
  ...['Worker', 'SharedWorker', 'MutationObserver', 'queueMicrotask', 'structuredClone', 'matchMedia'],
  ...['AbortController', 'AbortSignal', 'OffscreenCanvas', 'createImageBitmap', 'FileReader', 'indexedDB'],
  ...['localStorage', 'sessionStorage', 'BroadcastChannel', 'Notification', 'requestIdleCallback', 'XMLHttpRequest'],
  ...['ResizeObserver', 'IntersectionObserver', 'EventSource', 'CompressionStream', 'DecompressionStream'],
];

/** Globals that the fake host needs itself: they are hidden from the plugin alone. */
export const hiddenFromPlugin = ['TextEncoder', 'TextDecoder', 'Blob', 'window', 'self', 'navigator'];

/** What UXP's socket keeps before it closes instead of sending, in bytes. Not documented; small, so that it is felt. */
const socketBufferBytes = 8 * 1024 * 1024;

export interface GapParts {
  readonly manifest: Manifest;
  /** The port of the manifest behind which the daemon of the test is, and where it really is. Nothing listens on the others. */
  readonly ports: { readonly listed: number; actual: number };
}

export function makeGaps({ manifest, ports }: GapParts): void {
  for (const name of gaps) Reflect.deleteProperty(globalThis, name);
  Reflect.deleteProperty(Object, 'hasOwn');
  Reflect.deleteProperty(Crypto.prototype, 'subtle');
  HTMLCanvasElement.prototype.getContext = () => null;
  const route = (url: string): string => {
    checkPermission(manifest, url);
    const address = new URL(url);
    // Port 1 is nobody's: what UXP says of a port where nothing listens is a failed connection.
    address.port = String(Number(address.port) === ports.listed ? ports.actual : 1);
    return address.href;
  };
  replaceFetch(route);
  replaceWebSocket(route);
  replaceImages();
}

function replaceFetch(route: (url: string) => string): void {
  const { fetch } = globalThis;
  const uxpFetch = (url: string, init: RequestInit = {}): Promise<Response> => {
    if (init.signal !== undefined) return Promise.reject(new Error('UXP takes no signal for a request'));
    return Promise.resolve().then(() => fetch(route(url), init));
  };
  Object.assign(globalThis, { fetch: uxpFetch });
}

function replaceWebSocket(route: (url: string) => string): void {
  const Original = WebSocket;
  function UxpWebSocket(url: string, protocols: string[], ...more: unknown[]): WebSocket {
    if (more.length > 0) throw new Error('a WebSocket of UXP takes no headers');
    const socket = new Original(route(url), protocols);
    const send = socket.send.bind(socket);
    socket.send = (data): void => {
      if (data instanceof Blob) throw new TypeError('a WebSocket of UXP sends no Blob');
      const size = typeof data === 'string' ? data.length : data.byteLength;
      if (socket.bufferedAmount + size > socketBufferBytes) socket.close();
      else send(data);
    };
    return socket;
  }
  Object.assign(globalThis, { WebSocket: UxpWebSocket });
}

/** Addresses of pictures that were given out and not given back. */
export const livePictures = new Set<string>();

interface RawImage {
  readonly [member: string]: unknown;
  readonly width: number;
  readonly height: number;
}

function replaceImages(): void {
  const createObjectURL = URL.createObjectURL.bind(URL);
  const revokeObjectURL = URL.revokeObjectURL.bind(URL);
  class ImageBlob {
    readonly bitmap: Blob;
    constructor(pixels: Uint8Array, description: RawImage) {
      const expected = { type: 'image/uncompressed', colorSpace: 'RGB', pixelFormat: 'RGBA', components: 4 };
      for (const [name, value] of Object.entries({ ...expected, componentSize: 8, hasAlpha: true })) {
        if (description[name] !== value) throw new Error(`ImageBlob: ${name} is ${String(description[name])}`);
      }
      if (typeof description['colorProfile'] !== 'string') throw new Error('ImageBlob: colorProfile is missing');
      const { width, height } = description;
      if (pixels.length !== width * height * 4) throw new Error('ImageBlob: the pixels do not fit the size');
      this.bitmap = bitmapOf(pixels, width, height);
    }
  }
  URL.createObjectURL = (blob): string => {
    const url = createObjectURL((blob as unknown as ImageBlob).bitmap);
    livePictures.add(url);
    return url;
  };
  URL.revokeObjectURL = (url): void => {
    livePictures.delete(url);
    revokeObjectURL(url);
  };
  Object.assign(globalThis, { ImageBlob });
}

/** RGBA pixels as a BMP file with alpha, which the browser can show. */
function bitmapOf(pixels: Uint8Array, width: number, height: number): Blob {
  const headerBytes = 14 + 108;
  const file = new Uint8Array(headerBytes + pixels.length);
  const view = new DataView(file.buffer);
  file.set([0x42, 0x4d]);
  view.setUint32(2, file.length, true);
  view.setUint32(10, headerBytes, true);
  view.setUint32(14, 108, true);
  view.setInt32(18, width, true);
  view.setInt32(22, -height, true); // rows from the top
  view.setUint16(26, 1, true);
  view.setUint16(28, 32, true);
  view.setUint32(30, 3, true); // the masks below say where the channels are
  [0x0000_00ff, 0x0000_ff00, 0x00ff_0000, 0xff00_0000].forEach((mask, at) => view.setUint32(54 + at * 4, mask, true));
  file.set([0x42, 0x47, 0x52, 0x73], 70); // sRGB
  file.set(pixels, headerBytes);
  return new Blob([file], { type: 'image/bmp' });
}
