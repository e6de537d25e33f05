/**
 * The loss curve of a run as a picture: raw values pale, a running mean strong, logarithmic when the loss spans a decade.
 */

import sharp from 'sharp';

const WIDTH = 960;
const HEIGHT = 540;
const MARGIN = { left: 84, right: 24, top: 48, bottom: 48 };

export interface LossPoint {
  readonly step: number;
  readonly loss: number;
}

/** A PNG of 960 × 540 pixels. `points` in step order; values that are not finite are left out. */
export async function renderLossPlot(title: string, points: readonly LossPoint[]): Promise<Uint8Array> {
  return sharp(Buffer.from(lossPlotSvg(title, points)))
    .png()
    .toBuffer();
}

/** The same picture as SVG text. */
export function lossPlotSvg(title: string, points: readonly LossPoint[]): string {
  const finite = points.filter((point) => Number.isFinite(point.loss));
  const x = linearAxis(
    finite.map((point) => point.step),
    MARGIN.left,
    WIDTH - MARGIN.right,
    false,
  );
  const losses = finite.map((point) => point.loss);
  const positive = losses.every((loss) => loss > 0);
  const logarithmic = positive && Math.max(...losses) / Math.min(...losses) > 10;
  const y = linearAxis(losses, HEIGHT - MARGIN.bottom, MARGIN.top, logarithmic);
  const line = (values: readonly LossPoint[], style: string): string => {
    const path = values.map((point) => `${x.place(point.step).toFixed(1)},${y.place(point.loss).toFixed(1)}`).join(' ');
    return `<polyline points="${path}" fill="none" ${style}/>`;
  };
  const last = finite.at(-1);
  const caption = last ? `${title}: ${formatTick(last.loss)} at step ${last.step}` : `${title}: no values yet`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="14">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${MARGIN.left}" y="28" font-size="17" fill="#222">${escapeXml(caption)}${logarithmic ? ' (log)' : ''}</text>`,
    ...y.ticks.map((tick) => gridLine(y.place(tick), formatTick(tick))),
    ...x.ticks.map(
      (tick) =>
        `<text x="${x.place(tick)}" y="${HEIGHT - 20}" text-anchor="middle" fill="#555">${formatTick(tick)}</text>`,
    ),
    line(finite, 'stroke="#9db8dd" stroke-width="1"'),
    line(runningMean(finite), 'stroke="#1f4e9c" stroke-width="2.5"'),
    '</svg>',
  ].join('\n');
}

function gridLine(y: number, label: string): string {
  const rule = `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y}" y2="${y}" stroke="#e4e4e4"/>`;
  return `${rule}<text x="${MARGIN.left - 8}" y="${y + 5}" text-anchor="end" fill="#555">${label}</text>`;
}

interface Axis {
  place(value: number): number;
  readonly ticks: readonly number[];
}

/** Maps the values' range onto [start, end] pixels, with six ticks. An empty or flat range is widened. */
function linearAxis(values: readonly number[], start: number, end: number, logarithmic: boolean): Axis {
  const forward = logarithmic ? Math.log : (value: number): number => value;
  const back = logarithmic ? Math.exp : (value: number): number => value;
  let low = values.reduce((least, value) => Math.min(least, forward(value)), Infinity);
  let high = values.reduce((most, value) => Math.max(most, forward(value)), -Infinity);
  if (!Number.isFinite(low) || !Number.isFinite(high)) [low, high] = [0, 1];
  if (high - low < 1e-12) [low, high] = [low - 0.5, high + 0.5];
  return {
    place: (value) => start + ((forward(value) - low) / (high - low)) * (end - start),
    ticks: [0, 1, 2, 3, 4, 5].map((i) => back(low + ((high - low) * i) / 5)),
  };
}

/** Exponential mean over about a fortieth of the curve. */
function runningMean(points: readonly LossPoint[]): LossPoint[] {
  const keep = 1 - 1 / Math.max(1, points.length / 40);
  let mean = points[0]?.loss ?? 0;
  return points.map(({ step, loss }) => ({ step, loss: (mean = keep * mean + (1 - keep) * loss) }));
}

function formatTick(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3 ? value.toExponential(2) : value.toPrecision(4);
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
