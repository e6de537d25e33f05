/** What the latency benchmarks have in common: a daemon, a layer at the resolution of the pack, and edits of it. */
import type { DeltaClient, ParamsInput, Result } from '@deltaspace/shared-protocol';

/** Raw pixels of a square layer; `mark` makes it another layer. */
export function benchLayer(side: number, mark: number): Uint8Array {
  const layer = new Uint8Array(4 * side * side);
  for (let i = 0; i < layer.length; i++) layer[i] = i % 4 === 3 ? 255 : (i * 7 + (i >> 9)) % 251;
  layer[0] = mark % 256;
  layer[1] = (mark >> 8) % 256;
  return layer;
}

/** One edit as a client makes it: upload (when the daemon lacks the layer), call, download of every result. */
export async function editLayer(
  client: DeltaClient,
  side: number,
  layer: Uint8Array,
  params: Pick<ParamsInput<'edit'>, 'targets' | 'strength'>,
): Promise<Result<'edit'>> {
  const digest = await client.upload(layer);
  const image = { encoding: 'rgba8', digest, width: side, height: side } as const;
  const result = await client.call('edit', { image, encoding: 'rgba8', ...params });
  for (const { image: edited } of result.outputs) await client.download(edited.digest);
  return result;
}
