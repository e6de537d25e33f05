/**
 * A picture like DeltaEdit's Fig. 1: CLIP space left, DeltaSpace right, images and texts as points of two colours.
 *
 * Ours projects unit rows, of both modalities together, by principal components or t-SNE; larger marks are the means. Where a
 * machine has no font, the words are missing: circles are images and squares are texts.
 */
import sharp from 'sharp';
import type { PairedRows } from './analyze-spaces.js';
import { rowAt, type FeatureRows } from './feature-rows.js';
import { projectToPlane, type Place, type Projection, type ProjectionProgress } from './projection.js';

/** Pairs in the picture, the first ones. The work of t-SNE grows with their square: 600 points take about 15 s a space. */
export const drawnPairs: Readonly<Record<Projection, number>> = { pca: 500, tsne: 300 };

const panelSide = 560;
const margin = 32;
const titleHeight = 44;
const legendHeight = 48;
const width = 2 * panelSide + 3 * margin;
const height = titleHeight + panelSide + legendHeight;
/** Blue and orange: apart for colour-blind eyes too. */
const imageColour = '#2b6cb0';
const textColour = '#e07b1a';

interface Panel {
  readonly title: string;
  readonly images: readonly Place[];
  readonly texts: readonly Place[];
}

/**
 * A PNG of 1216 × 652 pixels.
 * @param progress called with the share of the work that is done. @throws the signal's reason when aborted.
 */
export async function drawSpaces(
  spaces: { readonly clip: PairedRows; readonly delta: PairedRows },
  projection: Projection,
  progress: ProjectionProgress = () => undefined,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const clip = await panelOf('CLIP space', spaces.clip, projection, (share) => progress(share / 2), signal);
  const delta = await panelOf('DeltaSpace', spaces.delta, projection, (share) => progress(0.5 + share / 2), signal);
  const svg = spacesSvg([clip, delta], projection);
  return sharp(Buffer.from(svg)).png().toBuffer();
}

async function panelOf(
  title: string,
  { images, texts }: PairedRows,
  projection: Projection,
  progress: ProjectionProgress,
  signal: AbortSignal | undefined,
): Promise<Panel> {
  const count = Math.min(images.count, drawnPairs[projection]);
  const points = [...unitRows(images, count), ...unitRows(texts, count)];
  const places = await projectToPlane(points, projection, progress, signal);
  return { title, images: places.slice(0, count), texts: places.slice(count) };
}

function unitRows(rows: FeatureRows, count: number): Float64Array[] {
  return Array.from({ length: count }, (_, i) =>
    Float64Array.from(rowAt(rows, i), (value) => value / (rows.lengths[i] as number)),
  );
}

/** The picture as SVG text. */
export function spacesSvg(panels: readonly [Panel, Panel], projection: Projection): string {
  const legendY = height - legendHeight / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="16">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...panels.flatMap((panel, index) => drawPanel(panel, margin + index * (panelSide + margin))),
    mark('image', [margin + 10, legendY], 6, 1),
    `<text x="${margin + 24}" y="${legendY + 5}" fill="#222">image</text>`,
    mark('text', [margin + 104, legendY], 6, 1),
    `<text x="${margin + 118}" y="${legendY + 5}" fill="#222">text</text>`,
    `<text x="${width - margin}" y="${legendY + 5}" text-anchor="end" fill="#666">${projection === 'pca' ? 'PCA' : 't-SNE'}</text>`,
    '</svg>',
  ].join('\n');
}

function drawPanel({ title, images, texts }: Panel, left: number): string[] {
  const place = fitInto([...images, ...texts], left, titleHeight);
  // In turns, so that neither modality covers the other.
  const points = images.flatMap((image, i) => [
    mark('image', place(image), 3, 0.65),
    mark('text', place(texts[i] ?? image), 3, 0.65),
  ]);
  return [
    `<text x="${left}" y="${titleHeight - 14}" font-size="20" fill="#222">${title}</text>`,
    `<rect x="${left}" y="${titleHeight}" width="${panelSide}" height="${panelSide}" fill="#fafafa" stroke="#ccc"/>`,
    ...points,
    mark('image', place(meanPlace(images)), 9, 1),
    mark('text', place(meanPlace(texts)), 9, 1),
  ];
}

/** Maps places into the panel, both axes by one scale, with a border. */
function fitInto(places: readonly Place[], left: number, top: number): (place: Place) => Place {
  const bounds = [0, 1].map((axis) => {
    const values = places.map((place) => place[axis] as number);
    return { low: Math.min(...values), high: Math.max(...values) };
  });
  const extent = Math.max(...bounds.map(({ low, high }) => high - low));
  const scale = (panelSide - 40) / (extent || 1); // all points in one place
  const [centreX = 0, centreY = 0] = bounds.map(({ low, high }) => (low + high) / 2);
  return ([x, y]) => [left + panelSide / 2 + (x - centreX) * scale, top + panelSide / 2 - (y - centreY) * scale];
}

function meanPlace(places: readonly Place[]): Place {
  const mean = (axis: 0 | 1): number => places.reduce((sum, place) => sum + place[axis], 0) / places.length;
  return [mean(0), mean(1)];
}

/** A circle for an image, a square for a text; `radius` in pixels. Large ones have a dark outline. */
function mark(kind: 'image' | 'text', [x, y]: Place, radius: number, opacity: number): string {
  const outline = radius > 6 ? ' stroke="#111" stroke-width="2"' : '';
  const [cx, cy] = [x.toFixed(1), y.toFixed(1)];
  if (kind === 'image')
    return `<circle cx="${cx}" cy="${cy}" r="${radius}" fill="${imageColour}" fill-opacity="${opacity}"${outline}/>`;
  const side = 1.8 * radius;
  const [left, top] = [(x - side / 2).toFixed(1), (y - side / 2).toFixed(1)];
  return `<rect x="${left}" y="${top}" width="${side}" height="${side}" fill="${textColour}" fill-opacity="${opacity}"${outline}/>`;
}
