/**
 * The icons, drawn by code: a delta with a point in it. For dark and light themes, as panel icon (23 px) and in the list of
 * plugins (24 px), each at one and two pixels per point.
 *
 * A pixel's coverage is the mean of 8 × 8 samples of the shape, so edges are smooth at any size.
 */
import { encodeIcon } from './png.js';

export interface IconSet {
  readonly sizePx: number;
  /** As the manifest has it, without the scale. */
  readonly path: string;
  readonly themes: readonly string[];
  readonly species: 'chrome' | 'pluginList';
  readonly color: readonly [number, number, number];
}

const dark = { themes: ['darkest', 'dark', 'medium'], color: [226, 226, 226] } as const;
const light = { themes: ['light', 'lightest'], color: [72, 72, 72] } as const;

export const iconSets: readonly IconSet[] = [
  { ...dark, sizePx: 23, path: 'icons/panel-dark.png', species: 'chrome' },
  { ...light, sizePx: 23, path: 'icons/panel-light.png', species: 'chrome' },
  { ...dark, sizePx: 24, path: 'icons/plugin-dark.png', species: 'pluginList' },
  { ...light, sizePx: 24, path: 'icons/plugin-light.png', species: 'pluginList' },
];

/** All icon files by their names in the package. */
export function iconFiles(): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const set of iconSets) {
    for (const scale of [1, 2]) {
      files.set(set.path.replace('.png', `@${scale}x.png`), drawIcon(set.sizePx * scale, set.color));
    }
  }
  return files;
}

const samplesPerSide = 8;

function drawIcon(sidePx: number, color: readonly [number, number, number]): Uint8Array {
  const rgba = new Uint8Array(sidePx * sidePx * 4);
  for (let pixel = 0; pixel < sidePx * sidePx; pixel++) {
    const [x, y] = [pixel % sidePx, Math.floor(pixel / sidePx)];
    let inside = 0;
    for (let sample = 0; sample < samplesPerSide ** 2; sample++) {
      const dx = ((sample % samplesPerSide) + 0.5) / samplesPerSide;
      const dy = (Math.floor(sample / samplesPerSide) + 0.5) / samplesPerSide;
      if (isInShape((x + dx) / sidePx, (y + dy) / sidePx)) inside++;
    }
    rgba.set([...color, Math.round((inside * 255) / samplesPerSide ** 2)], pixel * 4);
  }
  return encodeIcon(rgba, sidePx, sidePx);
}

/** The shape in a square of side 1: an upright triangle's outline, heavier on the right, and a disc inside. */
function isInShape(x: number, y: number): boolean {
  if (Math.hypot(x - 0.48, y - 0.665) < 0.095) return true;
  const corners = [
    [0.5, 0.1],
    [0.93, 0.88],
    [0.07, 0.88],
  ] as const;
  const hole = [
    [0.475, 0.25],
    [0.745, 0.8],
    [0.18, 0.8],
  ] as const;
  return isInTriangle(x, y, corners) && !isInTriangle(x, y, hole);
}

type Point = readonly [number, number];

function isInTriangle(x: number, y: number, [a, b, c]: readonly [Point, Point, Point]): boolean {
  const side = (from: Point, to: Point): number =>
    (to[0] - from[0]) * (y - from[1]) - (to[1] - from[1]) * (x - from[0]);
  return side(a, b) >= 0 && side(b, c) >= 0 && side(c, a) >= 0;
}
