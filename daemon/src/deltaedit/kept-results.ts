/**
 * Inversions and text features that outlive the engine: what a store of tensors keeps of them, and how they come back.
 *
 * Measured with the shipped pack on two cores: an inversion takes 7 to 9 ms, its reconstruction as long again, reading both 0.2 ms;
 * a text 2.3 ms. A process that has just started gains more, as it need not load the inverter (ADR 0011).
 */
import type { Tensor } from '@deltaspace/onnx-graph';
import type { Inversion, PackSession } from './pack-session.js';

/** Keeps tensors by key, as a favour: it may forget at any time, never fails, and writes behind its caller's back. */
export interface TensorStore {
  read(key: string): ReadonlyMap<string, Tensor> | undefined;
  write(key: string, tensors: ReadonlyMap<string, Tensor>): void;
  forget(key: string): void;
}

/** Part of every key. Raise it with each change of how an image reaches the networks, or of what the networks compute. */
const codeVersion = 1;

/** The inversion of an image, from the store or computed. `content` names the image by size and pixels. */
export async function keptInversion(
  store: TensorStore | undefined,
  session: PackSession,
  content: string,
  compute: () => Promise<Inversion>,
): Promise<Inversion> {
  if (store === undefined) return compute();
  const key = `inversion ${codeVersion} ${session.pack.digest} ${content}`;
  const kept = store.read(key);
  if (kept !== undefined) {
    const inversion = inversionOf(kept, session);
    if (inversion !== undefined) return inversion;
    store.forget(key);
  }
  const inversion = await compute();
  const keep = (planes: Float32Array): void => store.write(key, tensorsOf(inversion, planes));
  inversion.reconstruction.then(keep, () => undefined); // whoever waits for the reconstruction hears of its failure
  return inversion;
}

/** The unit embedding [D] of a text, from the store or computed. */
export async function keptTextFeature(
  store: TensorStore | undefined,
  session: PackSession,
  text: string,
): Promise<Float32Array> {
  const key = `text ${codeVersion} ${session.pack.digest} ${text}`;
  const kept = vectorOf(store?.read(key)?.get('embedding'), undefined);
  if (kept !== undefined) return kept;
  const embedding = await session.textFeature(text);
  store?.write(key, new Map([['embedding', vector(embedding)]]));
  return embedding;
}

function tensorsOf({ wPlus, s, rgb, imageFeature }: Inversion, planes: Float32Array): Map<string, Tensor> {
  return new Map([
    ['wplus', wPlus],
    ['s', s],
    ...(rgb === null ? [] : [['rgb', rgb] as const]),
    ['feature', vector(imageFeature)],
    ['reconstruction', vector(planes)],
  ]);
}

/** Undefined when something is missing or of another size than the pack's. */
function inversionOf(tensors: ReadonlyMap<string, Tensor>, { pack }: PackSession): Inversion | undefined {
  const [wPlus, s] = [tensors.get('wplus'), tensors.get('s')];
  const imageFeature = vectorOf(tensors.get('feature'), undefined);
  const planes = vectorOf(tensors.get('reconstruction'), 3 * pack.manifest.resolution ** 2);
  if (wPlus === undefined || s === undefined || imageFeature === undefined || planes === undefined) return undefined;
  if (wPlus.shape[1] !== pack.layout.rows) return undefined;
  return { wPlus, s, rgb: tensors.get('rgb') ?? null, imageFeature, reconstruction: Promise.resolve(planes) };
}

function vector(data: Float32Array): Tensor {
  return { dtype: 'float32', shape: [data.length], data };
}

function vectorOf(tensor: Tensor | undefined, length: number | undefined): Float32Array | undefined {
  if (!(tensor?.data instanceof Float32Array)) return undefined;
  return length === undefined || tensor.data.length === length ? tensor.data : undefined;
}
