/**
 * One job inside the worker: read blobs, decode, let the engine work, encode, write blobs.
 *
 * The stages here are `decode` and `encode`; the engine reports its own in between. The signal is looked at between
 * stages, by this file and by the engine: a stage that has begun runs to its end.
 */
import {
  protocolLimits,
  ProtocolError,
  type EditParams,
  type EditResult,
  type ImageEncoding,
  type ImageInput,
  type ImageResult,
  type InvertParams,
  type InvertResult,
  type Params,
  type Result,
} from '@deltaspace/shared-protocol';
import type { Tensor } from '@deltaspace/onnx-graph';
import { readBlobFile, writeDerivedBlob } from '../jobs/blob-files.js';
import type { EditEngine, EditParameters, EngineHooks, PixelImage } from '../jobs/engine-port.js';
import type { JobRequest, JobResult } from '../jobs/job.js';
import type { RecentImages } from './recent-images.js';

/** What a worker needs to run jobs. */
export interface WorkerParts {
  readonly blobDirectory: string;
  readonly engine: EditEngine;
  readonly codecs: WorkerCodecs;
  /** Decoded inputs: a slider sends the same layer again and again. */
  readonly images: RecentImages;
  /** A ProtocolError for failures of known kinds, undefined for defects. */
  explain(thrown: unknown): ProtocolError | undefined;
}

/** Readers and writers of the file formats that blobs hold. */
export interface WorkerCodecs {
  decodeImage(bytes: Uint8Array): Promise<PixelImage>;
  encodePng(image: PixelImage): Promise<Uint8Array>;
  readNpy(bytes: Uint8Array): Tensor;
  writeNpy(tensor: Tensor): Uint8Array;
  writeSafetensors(tensors: ReadonlyMap<string, Tensor>): Uint8Array;
}

/** Share of the whole job that each part takes in progress fractions: decode, engine, encode. */
const engineStart = 0.05;
const engineShare = 0.9;

export async function runJob(parts: WorkerParts, request: JobRequest, hooks: EngineHooks): Promise<JobResult> {
  switch (request.kind) {
    case 'edit':
      return runEdit(parts, request.params, hooks);
    case 'invert':
      return runInvert(parts, request.params, hooks);
    case 'run':
      return runNetwork(parts, request.params, hooks);
  }
}

async function runEdit(parts: WorkerParts, params: EditParams, hooks: EngineHooks): Promise<EditResult> {
  const clock = stopwatch();
  const pack = choosePack(parts.engine, params.pack);
  const image = await readImage(parts, params.image, hooks);
  clock.lap('decode');
  const edited = await parts.engine.edit(pack, image, editParameters(params), engineHooks(hooks));
  clock.skip();
  enter('encode', engineStart + engineShare, hooks);
  const write = (picture: PixelImage): Promise<ImageResult> => writeImage(parts, picture, params.encoding);
  const outputs = await Promise.all(
    edited.outputs.map(async ({ image: picture, heatmap, ...facts }) => ({
      ...facts,
      image: await write(picture),
      ...(heatmap === undefined ? {} : { heatmap: await write(heatmap) }),
    })),
  );
  const reconstruction = edited.reconstruction === undefined ? undefined : await write(edited.reconstruction);
  clock.lap('encode');
  return {
    pack: edited.pack,
    outputs,
    ...(reconstruction === undefined ? {} : { reconstruction }),
    timingsMs: { ...edited.timingsMs, ...clock.laps },
  };
}

async function runInvert(parts: WorkerParts, params: InvertParams, hooks: EngineHooks): Promise<InvertResult> {
  const clock = stopwatch();
  const pack = choosePack(parts.engine, params.pack);
  const image = await readImage(parts, params.image, hooks);
  clock.lap('decode');
  const inverted = await parts.engine.invert(pack, image, engineHooks(hooks));
  clock.skip();
  enter('encode', engineStart + engineShare, hooks);
  const latent = writeDerivedBlob(parts.blobDirectory, parts.codecs.writeSafetensors(inverted.latent));
  const reconstruction = await writeImage(parts, inverted.reconstruction, params.encoding);
  clock.lap('encode');
  const tensors = Object.fromEntries([...inverted.latent].map(([name, tensor]) => [name, [...tensor.shape]]));
  return {
    pack: inverted.pack,
    latent: { ...latent, tensors },
    reconstruction,
    timingsMs: { ...inverted.timingsMs, ...clock.laps },
  };
}

async function runNetwork(
  parts: WorkerParts,
  params: Params<'models.run'>,
  hooks: EngineHooks,
): Promise<Result<'models.run'>> {
  const clock = stopwatch();
  const pack = choosePack(parts.engine, params.pack);
  enter('decode', 0, hooks);
  const inputs = new Map<string, Tensor>();
  for (const [name, digest] of Object.entries(params.inputs)) {
    inputs.set(name, parts.codecs.readNpy(readBlobFile(parts.blobDirectory, digest)));
  }
  clock.lap('decode');
  enter('run', engineStart, hooks);
  const results = await parts.engine.runNetwork(pack, params.network, inputs);
  clock.lap('run');
  enter('encode', engineStart + engineShare, hooks);
  const outputs: Result<'models.run'>['outputs'] = {};
  for (const [name, tensor] of results) {
    const blob = writeDerivedBlob(parts.blobDirectory, parts.codecs.writeNpy(tensor));
    outputs[name] = { ...blob, dtype: tensor.dtype, shape: [...tensor.shape] };
  }
  clock.lap('encode');
  return { outputs, timingsMs: clock.laps };
}

async function readImage(parts: WorkerParts, input: ImageInput, hooks: EngineHooks): Promise<PixelImage> {
  enter('decode', 0, hooks);
  return parts.images.get(JSON.stringify(input), () => decode(parts, input));
}

async function decode(parts: WorkerParts, input: ImageInput): Promise<PixelImage> {
  const bytes = readBlobFile(parts.blobDirectory, input.digest);
  if (input.encoding === 'file') return parts.codecs.decodeImage(bytes);
  const { width, height } = input;
  if (width * height > protocolLimits.imagePixels) {
    throw new ProtocolError('image_too_large', `${width} × ${height} pixels exceed ${protocolLimits.imagePixels}`);
  }
  if (bytes.length !== width * height * 4) {
    throw new ProtocolError(
      'image_invalid',
      `rgba8 pixels of ${width} × ${height} need ${width * height * 4} bytes, the blob has ${bytes.length}`,
    );
  }
  return { width, height, data: bytes };
}

async function writeImage(parts: WorkerParts, image: PixelImage, encoding: ImageEncoding): Promise<ImageResult> {
  const bytes = encoding === 'png' ? await parts.codecs.encodePng(image) : image.data;
  const blob = writeDerivedBlob(parts.blobDirectory, bytes);
  return { encoding, ...blob, width: image.width, height: image.height };
}

/** The pack asked for; else `avatars`, the one that ships; else the only one. */
function choosePack(engine: EditEngine, asked: string | undefined): string {
  const ids = engine.packs().map((pack) => pack.id);
  const chosen = asked ?? (ids.includes('avatars') ? 'avatars' : ids.length === 1 ? ids[0] : undefined);
  const installed = ids.length === 0 ? 'none is installed' : `installed: ${ids.join(', ')}`;
  if (chosen === undefined) throw new ProtocolError('pack_missing', `say which pack to use; ${installed}`);
  if (!ids.includes(chosen)) throw new ProtocolError('pack_missing', `there is no pack "${chosen}"; ${installed}`);
  return chosen;
}

function editParameters(params: EditParams): EditParameters {
  return {
    targets: params.targets,
    ...(params.source === undefined ? {} : { source: params.source }),
    ...(params.strength === undefined ? {} : { strength: params.strength }),
    ...(params.threshold === undefined ? {} : { threshold: params.threshold }),
    ...(params.method === undefined ? {} : { method: params.method }),
    ...(params.heatmap === undefined ? {} : { heatmap: params.heatmap }),
    ...(params.reconstruction === undefined ? {} : { reconstruction: params.reconstruction }),
  };
}

/** The engine counts from 0 to 1; that is the middle part of the job. */
function engineHooks(hooks: EngineHooks): EngineHooks {
  return {
    signal: hooks.signal,
    progress: (stage, fraction) =>
      hooks.progress(stage, engineStart + engineShare * Math.min(Math.max(fraction, 0), 1)),
  };
}

function enter(stage: string, fraction: number, hooks: EngineHooks): void {
  hooks.signal.throwIfAborted();
  hooks.progress(stage, fraction);
}

/** Milliseconds since the last lap, by name. */
function stopwatch(): { laps: Record<string, number>; lap(name: string): void; skip(): void } {
  const laps: Record<string, number> = {};
  let last = performance.now();
  const skip = (): void => {
    last = performance.now();
  };
  return {
    laps,
    skip,
    lap(name) {
      laps[name] = Math.round((performance.now() - last) * 100) / 100;
      skip();
    },
  };
}
