/**
 * Difference heat map (DeltaEdit, Fig. 17): where, and how strongly, an edit changed a layer. Black is no change, then red,
 * yellow, white.
 *
 * The scale is fixed, so that two heat maps can be compared; `heatmapWithLegend` draws it beside the picture. The paper names
 * neither colours nor scale: both are ours.
 */
import { drawNumeral, numeralHeight, numeralWidth } from './numerals.js';
import type { PixelImage } from './pixel-image.js';

/** Mean absolute difference per channel (of 255) that is shown as white. */
export const fullScaleDifference = 128;

/**
 * Mean over RGB of |before − after| at every pixel of two layers of equal size: 0…255, row-major. Differences count by the
 * less transparent of the two pixels.
 */
export function differenceMap(before: PixelImage, after: PixelImage): Float32Array {
  if (before.width !== after.width || before.height !== after.height)
    throw new Error('differenceMap: the layers differ in size');
  const differences = new Float32Array(before.width * before.height);
  for (let i = 0; i < before.data.length; i += 4) {
    let sum = 0;
    for (let channel = i; channel < i + 3; channel++)
      sum += Math.abs((before.data[channel] as number) - (after.data[channel] as number));
    const visible = Math.max(before.data[i + 3] as number, after.data[i + 3] as number) / 255;
    differences[i >> 2] = (visible * sum) / 3;
  }
  return differences;
}

/** Opaque heat map of two layers of equal size, at their size and without a legend. */
export function differenceHeatmap(before: PixelImage, after: PixelImage): PixelImage {
  const differences = differenceMap(before, after);
  const data = new Uint8Array(before.data.length);
  for (let i = 0; i < data.length; i += 4) {
    const share = (differences[i >> 2] as number) / fullScaleDifference;
    for (let channel = 0; channel < 3; channel++) data[i + channel] = heatLevel(share, channel);
    data[i + 3] = 255;
  }
  return { ...before, data };
}

/** Level of a colour channel, 0…255, for a share of the full scale; shares above 1 are white. */
function heatLevel(share: number, channel: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, 3 * share - channel)));
}

/** Lengths of the legend, in units of one font pixel. */
const legend = { margin: 2, ramp: 6, tick: 2, gap: 1, leastWidth: 48, fineScaleWidth: 96 } as const;
/** Font pixels grow with the picture, so that numerals stay readable: one per so many pixels of its width. */
const pixelsPerUnit = 256;
const background = (): number => 40;
const ink = (): number => 220;

/**
 * The heat map with its scale below: the colours from no change to full scale, with ticks and their differences (of 255).
 * Larger differences are white too, hence the plus behind the last. The picture keeps its pixels; one narrower than 48 px is
 * padded on the right.
 */
export function heatmapWithLegend(heatmap: PixelImage): PixelImage {
  const unit = Math.max(1, Math.round(heatmap.width / pixelsPerUnit));
  const width = Math.max(heatmap.width, legend.leastWidth * unit);
  const height = heatmap.height + unit * legendHeight;
  const sheet = { width, height, data: new Uint8Array(4 * width * height) };
  fillBox(sheet, { left: heatmap.width, top: 0, width: width - heatmap.width, height: heatmap.height }, background);
  fillBox(sheet, { left: 0, top: heatmap.height, width, height: height - heatmap.height }, background);
  for (let y = 0; y < heatmap.height; y++)
    sheet.data.set(heatmap.data.subarray(4 * y * heatmap.width, 4 * (y + 1) * heatmap.width), 4 * y * width);
  drawLegend(sheet, heatmap.height, unit);
  return sheet;
}

const legendHeight = 2 * legend.margin + legend.ramp + legend.tick + legend.gap + numeralHeight;

/** Draws frame, colours, ticks and numerals from row `top` on; `unit` is the side of a font pixel. */
function drawLegend(sheet: PixelImage, top: number, unit: number): void {
  const margin = legend.margin * unit;
  const frame = { left: margin, top: top + margin, width: sheet.width - 2 * margin, height: legend.ramp * unit };
  fillBox(sheet, frame, ink);
  const inner = { left: frame.left + unit, top: frame.top + unit, height: frame.height - 2 * unit };
  const span = frame.width - 2 * unit - 1;
  for (let x = 0; x <= span; x++)
    fillBox(sheet, { ...inner, left: inner.left + x, width: 1 }, (channel) => heatLevel(x / span, channel));

  const intervals = sheet.width >= legend.fineScaleWidth * unit ? 4 : 2;
  const tickTop = frame.top + frame.height;
  for (let k = 0; k <= intervals; k++) {
    const centre = inner.left + Math.round((k * span) / intervals);
    fillBox(sheet, { left: centre - Math.floor(unit / 2), top: tickTop, width: unit, height: legend.tick * unit }, ink);
    const text = `${(k * fullScaleDifference) / intervals}${k === intervals ? '+' : ''}`;
    const textWidth = unit * numeralWidth(text);
    const left = Math.min(Math.max(centre - Math.floor(textWidth / 2), margin), sheet.width - margin - textWidth);
    const textTop = tickTop + (legend.tick + legend.gap) * unit;
    drawNumeral(text, (x, y) =>
      fillBox(sheet, { left: left + x * unit, top: textTop + y * unit, width: unit, height: unit }, ink),
    );
  }
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Paints an opaque box; `level` is 0…255 for each colour channel. */
function fillBox({ data, width }: PixelImage, box: Box, level: (channel: number) => number): void {
  const colour = [level(0), level(1), level(2), 255];
  for (let y = box.top; y < box.top + box.height; y++)
    for (let i = 4 * (y * width + box.left); i < 4 * (y * width + box.left + box.width); i++)
      data[i] = colour[i % 4] as number;
}
