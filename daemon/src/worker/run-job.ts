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
  type EditSource as WireSource,
  type ImageResult,
  type InterpolateParams,
  type InterpolateResult,
  type InvertParams,
  type InvertResult,
  type MixParams,
  type MixResult,
  type Params,
  type Result,
} from '@deltaspace/shared-protocol';
import type { Tensor } from '@deltaspace/onnx-graph';
import { readBlobFile, writeDerivedBlob } from '../jobs/blob-files.js';
import type {
  EditEngine,
  EditParameters,
  EditSource,
  EngineHooks,
  InterpolateParameters,
  PixelImage,
} from '../jobs/engine-port.js';
import type { JobRequest, JobResult } from '../jobs/job.js';
import { readImage, writeImage } from './job-images.js';
import { engineHooks, engineShare, engineStart, enter, stopwatch } from './job-progress.js';
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
  /** Pixels of an image file. */
  decodeFile(file: string): Promise<PixelImage>;
  encodePng(image: PixelImage): Promise<Uint8Array>;
  readNpy(bytes: Uint8Array): Tensor;
  writeNpy(tensor: Tensor): Uint8Array;
  writeSafetensors(tensors: ReadonlyMap<string, Tensor>): Uint8Array;
}

export async function runJob(parts: WorkerParts, request: JobRequest, hooks: EngineHooks): Promise<JobResult> {
  switch (request.kind) {
    case 'edit':
      return runEdit(parts, request.params, hooks);
    case 'interpolate':
      return runInterpolate(parts, request.params, hooks);
    case 'mix':
      return runMix(parts, request.params, hooks);
    case 'invert':
      return runInvert(parts, request.params, hooks);
    case 'subjects':
      return runSubjects(parts, request.params, hooks);
    case 'run':
      return runNetwork(parts, request.params, hooks);
    default:
      throw new Error(`a job of kind ${request.kind} came to the worker that edits; it belongs to the background`);
  }
}

async function runEdit(parts: WorkerParts, params: EditParams, hooks: EngineHooks): Promise<EditResult> {
  const clock = stopwatch();
  const pack = choosePack(parts.engine, params.pack);
  enter('decode', 0, hooks);
  const image = await readImage(parts, params.image);
  const pair =
    params.pair === undefined
      ? {}
      : { pair: { from: await readImage(parts, params.pair.from), to: await readImage(parts, params.pair.to) } };
  clock.lap('decode');
  const edited = await parts.engine.edit(pack, image, { ...editParameters(params), ...pair }, engineHooks(hooks));
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

async function runInterpolate(
  parts: WorkerParts,
  params: InterpolateParams,
  hooks: EngineHooks,
): Promise<InterpolateResult> {
  const clock = stopwatch();
  const pack = choosePack(parts.engine, params.pack);
  enter('decode', 0, hooks);
  const image = await readImage(parts, params.image);
  const parameters = await interpolateParameters(parts, params);
  clock.lap('decode');
  const { frames, unknownWords, timingsMs } = await parts.engine.interpolate(
    pack,
    image,
    parameters,
    engineHooks(hooks),
  );
  clock.skip();
  enter('encode', engineStart + engineShare, hooks);
  const written = await Promise.all(
    frames.map(async ({ weight, image: picture }) => ({
      weight,
      image: await writeImage(parts, picture, params.encoding),
    })),
  );
  clock.lap('encode');
  return { pack, frames: written, unknownWords, timingsMs: { ...timingsMs, ...clock.laps } };
}

async function interpolateParameters(parts: WorkerParts, params: InterpolateParams): Promise<InterpolateParameters> {
  const { steps, texts, other } = params;
  if (other !== undefined) return { steps, between: 'layers', other: await readImage(parts, other) };
  if (texts === undefined) throw new Error('an interpolation has texts or another image; its schema says so');
  const { source, ...rest } = texts;
  return { steps, between: 'texts', ...rest, ...(source === undefined ? {} : { source: engineSource(source) }) };
}

async function runMix(parts: WorkerParts, params: MixParams, hooks: EngineHooks): Promise<MixResult> {
  const clock = stopwatch();
  const pack = choosePack(parts.engine, params.pack);
  enter('decode', 0, hooks);
  const [content, style] = [await readImage(parts, params.content), await readImage(parts, params.style)];
  clock.lap('decode');
  const cut = params.fromLayer === undefined ? {} : { fromLayer: params.fromLayer };
  const { image, fromLayer, layers, timingsMs } = await parts.engine.mix(pack, content, style, cut, engineHooks(hooks));
  clock.skip();
  enter('encode', engineStart + engineShare, hooks);
  const written = await writeImage(parts, image, params.encoding);
  clock.lap('encode');
  return { pack, image: written, fromLayer, layers, timingsMs: { ...timingsMs, ...clock.laps } };
}

async function runInvert(parts: WorkerParts, params: InvertParams, hooks: EngineHooks): Promise<InvertResult> {
  const clock = stopwatch();
  const pack = choosePack(parts.engine, params.pack);
  enter('decode', 0, hooks);
  const image = await readImage(parts, params.image);
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

async function runSubjects(
  parts: WorkerParts,
  params: Params<'subjects'>,
  hooks: EngineHooks,
): Promise<Result<'subjects'>> {
  const clock = stopwatch();
  enter('decode', 0, hooks);
  const image = await readImage(parts, params.image);
  clock.lap('decode');
  enter('subjects', engineStart, hooks);
  const { separation, regions } = parts.engine.subjects(image, protocolLimits.subjects);
  clock.lap('subjects');
  const { width, height } = image;
  return { separation, subjects: regions.map((region) => ({ ...region })), width, height, timingsMs: clock.laps };
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
  const {
    source,
    targets = [],
    strength,
    threshold,
    topChannels,
    method,
    heatmap,
    reconstruction,
    previewSide,
    region,
  } = params;
  return {
    targets,
    ...(source === undefined ? {} : { source: engineSource(source) }),
    ...(strength === undefined ? {} : { strength }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(topChannels === undefined ? {} : { topChannels }),
    ...(method === undefined ? {} : { method }),
    ...(heatmap === undefined ? {} : { heatmap }),
    ...(reconstruction === undefined ? {} : { reconstruction }),
    ...(previewSide === undefined ? {} : { previewSide }),
    ...(region === undefined ? {} : { region }),
  };
}

/** The source as the engine takes it. */
const engineSource = (source: WireSource): EditSource =>
  typeof source === 'string' ? { kind: 'text', text: source } : { kind: source.mode };
