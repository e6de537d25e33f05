/** A grid of pictures on one sheet, for reports and for looking at results. No labels: fonts differ between machines. */
import { axisTaps, resamplePlanes, wholeAxis } from './resample.js';
import type { PixelImage } from './pixel-image.js';

/** Look of a sheet. */
export interface SheetOptions {
  /** Side of the square cell each picture is scaled into, in pixels; default 128. */
  cell?: number;
  /** Space between cells, in pixels; default 4. */
  gap?: number;
  /** Grey level of the background, 0–255; default 255. */
  background?: number;
}

/** One opaque sheet with the pictures in rows; `null` leaves a cell empty. */
export function contactSheet(
  rows: readonly (readonly (PixelImage | null)[])[],
  options: SheetOptions = {},
): PixelImage {
  const { cell = 128, gap = 4, background = 255 } = options;
  const columns = Math.max(1, ...rows.map((row) => row.length));
  const width = columns * (cell + gap) - gap;
  const height = Math.max(1, rows.length) * (cell + gap) - gap;
  const data = new Uint8Array(4 * width * height).fill(background);
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  rows.forEach((row, y) => {
    row.forEach((picture, x) => {
      if (picture !== null) draw(data, width, scaledInto(picture, cell), x * (cell + gap), y * (cell + gap));
    });
  });
  return { width, height, data };
}

/** Scales a picture, keeping its proportions, so that its longer side fills the cell. */
function scaledInto(picture: PixelImage, cell: number): PixelImage {
  const scale = cell / Math.max(picture.width, picture.height);
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  if (width === picture.width && height === picture.height) return picture;
  const count = picture.width * picture.height;
  const planes = new Float32Array(4 * count);
  for (let i = 0; i < 4 * count; i++) planes[(i % 4) * count + (i >> 2)] = picture.data[i] as number;
  const rows = axisTaps(wholeAxis(picture.height), wholeAxis(height));
  const columns = axisTaps(wholeAxis(picture.width), wholeAxis(width));
  const scaled = resamplePlanes(planes, 4, picture.width, rows, columns);
  const data = new Uint8Array(4 * width * height);
  for (let i = 0; i < data.length; i++) {
    data[i] = Math.min(255, Math.max(0, Math.round(scaled[(i % 4) * width * height + (i >> 2)] as number)));
  }
  return { width, height, data };
}

/** Paints a picture over an opaque sheet. */
function draw(sheet: Uint8Array, sheetWidth: number, picture: PixelImage, left: number, top: number): void {
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      const from = 4 * (y * picture.width + x);
      const to = 4 * ((top + y) * sheetWidth + left + x);
      const alpha = (picture.data[from + 3] as number) / 255;
      for (let channel = 0; channel < 3; channel++) {
        sheet[to + channel] = Math.round(
          alpha * (picture.data[from + channel] as number) + (1 - alpha) * (sheet[to + channel] as number),
        );
      }
    }
  }
}
