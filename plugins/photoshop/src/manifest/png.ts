/** PNG files from RGBA pixels, for the icons: one IDAT, no filter. The same pixels give the same bytes. */
import { zlibSync } from 'fflate';

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** @param rgba `[heightPx, widthPx, 4]`, 0..255, alpha not premultiplied. */
export function encodeIcon(rgba: Uint8Array, widthPx: number, heightPx: number): Uint8Array {
  if (rgba.length !== widthPx * heightPx * 4) {
    throw new Error(`expected ${widthPx * heightPx * 4} bytes of pixels, got ${rgba.length}`);
  }
  const rows = new Uint8Array(heightPx * (widthPx * 4 + 1));
  for (let y = 0; y < heightPx; y++) {
    rows.set(rgba.subarray(y * widthPx * 4, (y + 1) * widthPx * 4), y * (widthPx * 4 + 1) + 1);
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, widthPx);
  view.setUint32(4, heightPx);
  header.set([8, 6], 8); // 8 bit, RGBA
  const chunks = [chunk('IHDR', header), chunk('IDAT', zlibSync(rows, { level: 9 })), chunk('IEND', new Uint8Array())];
  return Uint8Array.from([signature, ...chunks].flatMap((part) => [...part]));
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let index = 0; index < 4; index++) bytes[4 + index] = type.charCodeAt(index);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
  return bytes;
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  return ~crc >>> 0;
}
