/**
 * The method end to end: an image and texts in, edited images out (DeltaEdit-G, Eqs. 4 and 7).
 *
 *   image → inverter → W+ → S ─┐
 *   image → CLIP → i ──────────┼→ mapper → Δŝ → mask (R_s, τ) → × ρ → ŝ → generator → difference onto the layer
 *   texts → CLIP → Δt ─────────┘
 *
 * Inversions are kept by image content and embeddings by text, so that moving a slider costs the generator only. Models
 * arrive as runners; files are read once, when the engine is made.
 */
import { createHash } from 'node:crypto';
import { loadPack, networkNames, type Pack } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';
import { composeEdit, differenceHeatmap, layerPicture, toNetworkImage, type PixelImage } from '../imaging/index.js';
import { applyDelta, styleReach, type StyleBounds } from './apply.js';
import { editCondition, straightforwardCondition } from './condition.js';
import { EditError } from './edit-error.js';
import { PackSession, type Inversion, type MakeRunner, type TextEmbedding } from './pack-session.js';
import { RecentCache } from './recent-cache.js';
import { channelRelevance, channelsKept, thresholdMask } from './relevance.js';
import { textDirection } from './text-direction.js';
import { length } from './vectors.js';

export interface EditParameters {
  /** One output per text. */
  targets: string[];
  /** What the image shows now; the pack's domain noun by default. */
  source?: string;
  /** ρ; the pack's default when left out. */
  strength?: number;
  /** τ; the pack's default when left out. */
  threshold?: number;
  /** `straightforward` is the paper's failing baseline (§3.1): absolute embeddings, no mask. */
  method?: 'deltaedit' | 'straightforward';
  heatmap?: boolean;
  reconstruction?: boolean;
}

export interface EditOutput {
  target: string;
  source: string;
  image: PixelImage;
  heatmap?: PixelImage;
  strength: number;
  threshold: number;
  /** Style channels that the relevance mask left open. */
  channelsKept: number;
  /** Root mean square of the change of S in standard deviations; near 0: the texts differ in nothing the pack knows. */
  reach: number;
  unknownWords: string[];
}

export interface EditResult {
  pack: string;
  reconstruction?: PixelImage;
  outputs: EditOutput[];
  /** Milliseconds by stage; `networks` is the part spent inside network runs, over all stages. */
  timingsMs: Record<string, number>;
}

export interface InvertResult {
  pack: string;
  /** `wplus` [1, rows, D], `s` [1, S], and `rgb` [1, RGB] when toRGB styles are apart. */
  latent: Map<string, Tensor>;
  reconstruction: PixelImage;
  timingsMs: Record<string, number>;
}

/** Progress goes out, cancellation comes in. The signal is looked at between stages. */
export interface EngineHooks {
  progress(stage: string, fraction: number): void;
  signal: AbortSignal;
}

export interface PackSummary {
  id: string;
  version: string;
  domain: string;
  resolution: number;
  networks: string[];
  licence: string;
}

export interface EditEngine {
  packs(): PackSummary[];
  edit(packId: string, image: PixelImage, parameters: EditParameters, hooks: EngineHooks): Promise<EditResult>;
  invert(packId: string, image: PixelImage, hooks: EngineHooks): Promise<InvertResult>;
  runNetwork(packId: string, network: string, inputs: Map<string, Tensor>): Promise<Map<string, Tensor>>;
  dispose(): Promise<void>;
}

/** Layers whose inversions are kept per engine. */
const keptInversions = 16;
/** Texts whose embeddings are kept per engine. */
const keptTexts = 512;
/** A text difference shorter than this is no difference. */
const smallestDirection = 1e-6;

/**
 * Loads and verifies all packs. Throws PackError when one is missing or damaged, or when two have the same id.
 * Models are built on first use.
 */
export async function createEngine(packDirectories: readonly string[], makeRunner: MakeRunner): Promise<EditEngine> {
  const packs = await Promise.all(packDirectories.map((directory) => loadPack(directory)));
  const sessions = new Map<string, PackSession>();
  for (const pack of packs) {
    const { id } = pack.manifest;
    if (sessions.has(id)) throw new EditError('pack_missing', `two packs are called ${id}`);
    sessions.set(id, new PackSession(pack, makeRunner));
  }
  return new LocalEngine(sessions);
}

class LocalEngine implements EditEngine {
  private readonly inversions = new RecentCache<Inversion>(keptInversions);
  private readonly texts = new RecentCache<TextEmbedding>(keptTexts);

  constructor(private readonly sessions: ReadonlyMap<string, PackSession>) {}

  packs(): PackSummary[] {
    return [...this.sessions.values()].map(({ pack }) => summaryOf(pack));
  }

  async edit(packId: string, image: PixelImage, parameters: EditParameters, hooks: EngineHooks): Promise<EditResult> {
    const session = this.session(packId);
    const stages = new Stages(hooks, 2 + parameters.targets.length);
    session.takeNetworkMs();
    const inversion = await stages.run('invert', () => this.inversionOf(session, image));
    const source = parameters.source ?? session.pack.manifest.domain;
    const sourceText = await stages.run('text', () => this.embeddingOf(session, source));

    const outputs: EditOutput[] = [];
    for (const target of parameters.targets) {
      outputs.push(
        await stages.run('edit', () =>
          this.editOnce(session, image, inversion, sourceText, { ...parameters, source, target }),
        ),
      );
    }
    const side = session.pack.manifest.resolution;
    return {
      pack: packId,
      ...(parameters.reconstruction === true
        ? { reconstruction: layerPicture(inversion.reconstruction, side, image) }
        : {}),
      outputs,
      timingsMs: { ...stages.timingsMs, networks: session.takeNetworkMs() },
    };
  }

  async invert(packId: string, image: PixelImage, hooks: EngineHooks): Promise<InvertResult> {
    const session = this.session(packId);
    const stages = new Stages(hooks, 1);
    session.takeNetworkMs();
    const { wPlus, s, rgb, reconstruction } = await stages.run('invert', () => this.inversionOf(session, image));
    return {
      pack: packId,
      latent: new Map([['wplus', wPlus], ['s', s], ...(rgb === null ? [] : [['rgb', rgb] as const])]),
      reconstruction: layerPicture(reconstruction, session.pack.manifest.resolution, image),
      timingsMs: { ...stages.timingsMs, networks: session.takeNetworkMs() },
    };
  }

  async runNetwork(packId: string, network: string, inputs: Map<string, Tensor>): Promise<Map<string, Tensor>> {
    return await this.session(packId).runNetwork(network, inputs);
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.sessions.values()].map((session) => session.dispose()));
  }

  private async editOnce(
    session: PackSession,
    layer: PixelImage,
    inversion: Inversion,
    sourceText: TextEmbedding,
    { source, target, heatmap = false, ...parameters }: EditParameters & { source: string; target: string },
  ): Promise<EditOutput> {
    const { defaults, resolution } = session.pack.manifest;
    const { statistics } = session.pack;
    const strength = parameters.strength ?? defaults.strength;
    const threshold = parameters.threshold ?? defaults.threshold;
    const targetText = await this.embeddingOf(session, target);
    const s = inversion.s.data as Float32Array;
    const prediction =
      parameters.method === 'straightforward'
        ? await predictStraightforward(session, inversion, targetText)
        : await predictDelta(session, inversion, sourceText, targetText, threshold);
    const bounds: StyleBounds | undefined =
      defaults.clampStyles === true && parameters.method !== 'straightforward'
        ? { low: statistics.styleLow, high: statistics.styleHigh }
        : undefined;
    const edited = applyDelta(s, prediction.deltaStyle, prediction.mask, strength, bounds);
    const planes = await session.generate(edited, inversion.rgb);
    const image = composeEdit(layer, planes, inversion.reconstruction, resolution);
    return {
      target,
      source,
      image,
      ...(heatmap ? { heatmap: differenceHeatmap(layer, image) } : {}),
      strength,
      threshold,
      channelsKept: channelsKept(prediction.mask),
      reach: styleReach(s, edited, statistics.styleStd),
      unknownWords: [...new Set([...targetText.unknownWords, ...sourceText.unknownWords])],
    };
  }

  private inversionOf(session: PackSession, image: PixelImage): Promise<Inversion> {
    const { manifest } = session.pack;
    const digest = createHash('sha256')
      .update(`${manifest.id} ${image.width} ${image.height} `)
      .update(image.data)
      .digest('hex');
    return this.inversions.get(digest, () => session.invert(toNetworkImage(image, manifest.resolution)));
  }

  private embeddingOf(session: PackSession, text: string): Promise<TextEmbedding> {
    return this.texts.get(`${session.pack.manifest.id} ${text}`, () => session.embedText(text));
  }

  private session(packId: string): PackSession {
    const session = this.sessions.get(packId);
    if (session === undefined)
      throw new EditError('pack_missing', `there is no pack ${packId}; packs: ${[...this.sessions.keys()].join(', ')}`);
    return session;
  }
}

interface Prediction {
  deltaStyle: Float32Array;
  mask: Uint8Array;
}

/** DeltaEdit: direction from the text difference, masked by relevance. No difference, or no known word: no edit. */
async function predictDelta(
  session: PackSession,
  inversion: Inversion,
  source: TextEmbedding,
  target: TextEmbedding,
  threshold: number,
): Promise<Prediction> {
  const delta = textDirection(target.embedding, source.embedding);
  const styleWidth = inversion.s.data.length;
  if (!target.meaningful || length(delta) < smallestDirection) {
    return { deltaStyle: new Float32Array(styleWidth), mask: new Uint8Array(styleWidth) };
  }
  const deltaStyle = await session.map('mapper', inversion.s, editCondition(inversion.imageFeature, delta));
  return { deltaStyle, mask: thresholdMask(channelRelevance(session.pack.statistics.relevance, delta), threshold) };
}

/** The straightforward solution: the target's own embedding as condition, every channel open. */
async function predictStraightforward(
  session: PackSession,
  inversion: Inversion,
  target: TextEmbedding,
): Promise<Prediction> {
  const condition = straightforwardCondition(inversion.imageFeature, target.embedding);
  const deltaStyle = await session.map('straightforward-mapper', inversion.s, condition);
  return { deltaStyle, mask: new Uint8Array(deltaStyle.length).fill(1) };
}

function summaryOf({ manifest }: Pack): PackSummary {
  const { id, version, domain, resolution, licence } = manifest;
  return { id, version, domain, resolution, networks: networkNames(manifest), licence };
}

/** Runs stages one after the other: cancellation before each, progress and time after each. */
class Stages {
  readonly timingsMs: Record<string, number> = {};
  private done = 0;

  constructor(
    private readonly hooks: EngineHooks,
    private readonly count: number,
  ) {}

  async run<Result>(name: string, stage: () => Promise<Result>): Promise<Result> {
    this.hooks.signal.throwIfAborted();
    this.hooks.progress(name, this.done / this.count);
    const start = performance.now();
    const result = await stage();
    this.timingsMs[name] = (this.timingsMs[name] ?? 0) + performance.now() - start;
    this.done++;
    this.hooks.progress(name, this.done / this.count);
    return result;
  }
}
