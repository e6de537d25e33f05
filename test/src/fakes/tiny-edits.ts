/**
 * Edits of a picture of a few pixels by the scripted worker, and what they must give: its colours inverted.
 */
import { createHash } from 'node:crypto';
import type { DeltaClient, EditResult, JobOptions, ParamsInput } from '@deltaspace/shared-protocol';

export const width = 4;
export const height = 2;

/** RGBA pixels that differ by seed. */
export function tinyPixels(seed = 0): Uint8Array {
  return Uint8Array.from({ length: width * height * 4 }, (_, index) => (index * 7 + seed * 31) % 256);
}

/** The digest of the undisturbed result. */
export function expectedDigest(seed = 0): string {
  const inverted = tinyPixels(seed).map((value, index) => (index % 4 === 3 ? value : 255 - value));
  return `sha256:${createHash('sha256').update(inverted).digest('hex')}`;
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The request of an edit of such a picture, whose blob must be in the store. */
export function tinyEditParams(target: string, options: JobOptions = {}, seed = 0): ParamsInput<'edit'> {
  const image = { encoding: 'rgba8', digest: digestOf(tinyPixels(seed)), width, height } as const;
  return { image, targets: [target], encoding: 'rgba8', ...options };
}

/** Uploads the picture and edits it. */
export async function tinyEdit(
  client: DeltaClient,
  target: string,
  options: JobOptions = {},
  hooks: Parameters<DeltaClient['call']>[2] = {},
): Promise<EditResult> {
  await client.upload(tinyPixels());
  return client.call('edit', tinyEditParams(target, options), hooks);
}
