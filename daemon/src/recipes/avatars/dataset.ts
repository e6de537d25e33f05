/**
 * Rendered avatars, ready to be trained on.
 *
 * `renderDataset` and `renderPairs` give the first N avatars (or pairs) of a split with their pixels. With a
 * `directory` the pixels are cached there in shards of a few thousand pictures: an interrupted run draws only what is
 * missing, and a larger N reuses the shards of a smaller one. A shard's name holds a digest of what it shows, so
 * a change of the attribute table, the artwork or the renderer never finds stale pixels.
 */
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { AttributeKey, Avatar } from './attributes.js';
import { readPixels, writePixels } from './image-cache.js';
import { createRenderPool, encodeAll, type RenderPool } from './render-pool.js';
import { avatarSvg, renderAvatar } from './renderer.js';
import { avatarAt, changedPairAt, type Split } from './splits.js';

const AVATARS_PER_SHARD = 4096;
/** The SVG texts of this many avatars go into a shard's digest: enough to meet every drawing. */
const DIGEST_SAMPLES = 32;

/** Avatars and their pictures. */
export interface RenderedAvatars {
  /** Width and height in pixels. */
  readonly size: number;
  readonly count: number;
  readonly avatars: readonly Avatar[];
  /** RGB, uint8, [count, size, size, 3], rows from the top. */
  readonly images: Uint8Array;
}

/** Pairs of avatars: picture 2k is before the change, picture 2k + 1 after it. */
export interface RenderedPairs extends RenderedAvatars {
  /** The attributes that pair k changes. */
  readonly changed: readonly (readonly AttributeKey[])[];
}

export interface RenderOptions {
  /** Width and height in pixels. */
  readonly size: number;
  /** Worker threads; 0 draws on the calling thread. Default: one per processor, at most four (see render-pool.ts). */
  readonly threads?: number;
  /** Where pixels are cached. Without it nothing is stored. */
  readonly directory?: string;
  readonly signal?: AbortSignal;
  /** Called now and then with the number of pictures ready. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface DatasetOptions extends RenderOptions {
  readonly split: Split;
  readonly count: number;
  /** Another seed gives another data set with the same split of looks. Default 0. */
  readonly dataSeed?: number;
}

/** The first `count` avatars of a split, with pictures. */
export async function renderDataset(options: DatasetOptions): Promise<RenderedAvatars> {
  const avatars = Array.from({ length: options.count }, (_, i) => avatarAt(options.split, i, options.dataSeed));
  return renderAvatars(options.split, avatars, options);
}

/** The first `count` pairs of a split that differ in a few attributes, with `2 × count` pictures. */
export async function renderPairs(options: DatasetOptions): Promise<RenderedPairs> {
  const pairs = Array.from({ length: options.count }, (_, i) => changedPairAt(options.split, i, options.dataSeed));
  const avatars = pairs.flatMap((pair) => [pair.before, pair.after]);
  const rendered = await renderAvatars(`${options.split}-pairs`, avatars, options);
  return { ...rendered, changed: pairs.map((pair) => pair.changed) };
}

/**
 * Draws a list of avatars.
 * @param name first part of the names of cached files
 */
export async function renderAvatars(
  name: string,
  avatars: readonly Avatar[],
  options: RenderOptions,
): Promise<RenderedAvatars> {
  const { size } = options;
  const imageBytes = size * size * 3;
  const images = new Uint8Array(avatars.length * imageBytes);
  const pool = createRenderPool({ threads: options.threads ?? Math.min(4, availableParallelism()) });
  try {
    for (let first = 0; first < avatars.length; first += AVATARS_PER_SHARD) {
      const shard = avatars.slice(first, first + AVATARS_PER_SHARD);
      const report = (done: number): void => options.onProgress?.(first + done, avatars.length);
      images.set(await loadOrRenderShard(`${name}-${first}`, shard, pool, options, report), first * imageBytes);
      report(shard.length);
    }
  } finally {
    await pool.dispose();
  }
  return { size, count: avatars.length, avatars, images };
}

async function loadOrRenderShard(
  name: string,
  avatars: readonly Avatar[],
  pool: RenderPool,
  options: RenderOptions,
  onProgress: (done: number) => void,
): Promise<Uint8Array> {
  const { size, directory, signal } = options;
  const render = (): Promise<Uint8Array> =>
    pool.render({ avatars, size, onProgress, ...(signal === undefined ? {} : { signal }) });
  if (directory === undefined) return render();
  const path = join(directory, `${name}-${size}px-${await shardDigest(avatars, size)}.rgb`);
  const cached = await readPixels(path, avatars.length * size * size * 3);
  if (cached !== null) return cached;
  const pixels = await render();
  await writePixels(path, pixels);
  return pixels;
}

/** Names what a shard shows: its avatars, how their SVG is written, and how SVG becomes pixels on this machine. */
async function shardDigest(avatars: readonly Avatar[], size: number): Promise<string> {
  const hash = createHash('sha256').update(`${size}\n`).update(encodeAll(avatars));
  for (const avatar of avatars.slice(0, DIGEST_SAMPLES)) hash.update(avatarSvg(avatar));
  for (const avatar of avatars.slice(0, 1)) hash.update(await renderAvatar(avatar, size));
  return hash.digest('hex').slice(0, 16);
}

/** Byte 0–255 → [-1, 1]. */
const SIGNED_UNIT = Float32Array.from({ length: 256 }, (_, byte) => byte / 127.5 - 1);

/**
 * Copies picture `index` of a set into place `slot` of a batch.
 * @param batch float32, [B, 3, size, size], RGB in [-1, 1]
 */
export function fillImage(
  set: Pick<RenderedAvatars, 'size' | 'count' | 'images'>,
  index: number,
  batch: Float32Array,
  slot: number,
): void {
  const pixels = set.size * set.size;
  if (!(index >= 0 && index < set.count)) throw new Error(`picture ${index} of ${set.count}`);
  if ((slot + 1) * 3 * pixels > batch.length) throw new Error(`batch of ${batch.length} values has no slot ${slot}`);
  const { images } = set;
  let source = index * 3 * pixels;
  const red = slot * 3 * pixels;
  const green = red + pixels;
  const blue = green + pixels;
  for (let i = 0; i < pixels; i++, source += 3) {
    batch[red + i] = SIGNED_UNIT[images[source] ?? 0] ?? 0;
    batch[green + i] = SIGNED_UNIT[images[source + 1] ?? 0] ?? 0;
    batch[blue + i] = SIGNED_UNIT[images[source + 2] ?? 0] ?? 0;
  }
}
