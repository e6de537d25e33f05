/**
 * The method end to end: an image and texts in, edited images out (DeltaEdit-G, Eqs. 4 and 7).
 *
 *   image → inverter → W+ → S ─┐
 *   image → CLIP → i ──────────┼→ mapper → Δŝ → mask (R_s, τ) → × ρ → ŝ → generator → difference onto the layer
 *   texts → CLIP → Δt ─────────┘
 *
 * Inversions are kept by image content, embeddings by text, and predictions by both (memory.ts), so that moving a slider costs
 * the generator only. Models arrive as runners; files are read once, when the engine is made. Directions are in wishes.ts,
 * outputs in edit-outputs.ts, interpolations in frames.ts.
 */
import { createHash } from 'node:crypto';
import { loadPack, networkNames, type Pack } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';
import { findSubjects, layerPicture, type PixelImage, type Subjects } from '../imaging/index.js';
import { EditError } from './edit-error.js';
import { editOutputs, editSettings } from './edit-outputs.js';
import type {
  EditEngine,
  EditParameters,
  EditResult,
  InterpolateParameters,
  InterpolateResult,
  InvertResult,
  MixParameters,
  MixResult,
  PackSummary,
} from './engine-types.js';
import { codeBetween, interpolationEnds } from './frames.js';
import { interpolationWeights, mixRows } from './interpolation.js';
import type { TensorStore } from './kept-results.js';
import { layerContext, type AskedFrame } from './layer-context.js';
import { Memory, type LayerContext } from './memory.js';
import { ModelMemory, type ModelMemoryOptions } from './model-memory.js';
import { PackSession, type MakeRunner } from './pack-session.js';
import { residentEngine } from './resident-engine.js';
import { sideBySide } from './side-by-side.js';
import { Stages, type EngineHooks } from './stages.js';
import { wishesOf } from './wishes.js';

/**
 * Loads and verifies all packs. Throws PackError when one is missing or damaged, and EditError when two have the same id.
 * Models are built on first use, and stay until `dispose` unless `memoryOptions` bound them; `store` keeps
 * inversions and text features for the next engine.
 */
export async function createEngine(
  packDirectories: readonly string[],
  makeRunner: MakeRunner,
  memoryOptions?: ModelMemoryOptions,
  store?: TensorStore,
): Promise<EditEngine> {
  const packs = await Promise.all(packDirectories.map((directory) => loadPack(directory)));
  const sessions = new Map<string, PackSession>();
  const memory = memoryOptions === undefined ? undefined : new ModelMemory(memoryOptions);
  for (const pack of packs) {
    const { id } = pack.manifest;
    if (sessions.has(id)) throw new EditError('pack_missing', `two packs are called ${id}`);
    const session = new PackSession(pack, makeRunner, () => memory?.networksChanged());
    sessions.set(id, session);
    memory?.add(id, session);
  }
  const engine = new LocalEngine(sessions, store);
  return memory === undefined ? engine : residentEngine(engine, memory);
}

class LocalEngine implements EditEngine {
  private readonly memory: Memory;

  constructor(
    private readonly sessions: ReadonlyMap<string, PackSession>,
    store: TensorStore | undefined,
  ) {
    this.memory = new Memory(contentDigest, store);
  }

  packs(): PackSummary[] {
    return [...this.sessions.values()].map(({ pack }) => summaryOf(pack));
  }

  async edit(packId: string, image: PixelImage, parameters: EditParameters, hooks: EngineHooks): Promise<EditResult> {
    const { session, stages, timingsMs } = this.job(packId, hooks, 3);
    const settings = editSettings(session, parameters);
    const context = await stages.run('invert', () => this.contextOf(session, image, parameters));
    const { strength } = settings;
    const wishes = await stages.run('text', () => wishesOf(context, { ...parameters, strength }));
    const heatmap = parameters.heatmap === true;
    const outputs = await stages.run('edit', () =>
      editOutputs(context, wishes, { ...settings, heatmap }, hooks.signal),
    );
    const { resolution } = session.pack.manifest;
    const reconstruction =
      parameters.reconstruction === true
        ? {
            reconstruction: context.frame.deliver(
              layerPicture(await context.layer.reconstruction, resolution, context.image),
            ),
          }
        : {};
    return { pack: packId, ...reconstruction, outputs, timingsMs: timingsMs() };
  }

  async invert(packId: string, image: PixelImage, hooks: EngineHooks): Promise<InvertResult> {
    const { session, stages, timingsMs } = this.job(packId, hooks, 1);
    const { layer } = await stages.run('invert', () => this.contextOf(session, image));
    const { wPlus, s, rgb } = layer;
    const reconstruction = await layer.reconstruction;
    return {
      pack: packId,
      latent: new Map([['wplus', wPlus], ['s', s], ...(rgb === null ? [] : [['rgb', rgb] as const])]),
      reconstruction: layerPicture(reconstruction, session.pack.manifest.resolution, image),
      timingsMs: timingsMs(),
    };
  }

  async interpolate(
    packId: string,
    image: PixelImage,
    parameters: InterpolateParameters,
    hooks: EngineHooks,
  ): Promise<InterpolateResult> {
    const weights = interpolationWeights(parameters.steps);
    const { session, stages, timingsMs } = this.job(packId, hooks, 3);
    const context = await stages.run('invert', () => this.contextOf(session, image));
    const ends = await stages.run('text', () => interpolationEnds(context, parameters));
    const frames = await stages.run('edit', () =>
      sideBySide(weights, hooks.signal, async (weight) => {
        const planes = await session.generate(codeBetween(ends.first, ends.second, weight));
        return { weight, image: ends.picture(planes, weight) };
      }),
    );
    return { pack: packId, frames, unknownWords: ends.unknownWords, timingsMs: timingsMs() };
  }

  async mix(
    packId: string,
    content: PixelImage,
    style: PixelImage,
    parameters: MixParameters,
    hooks: EngineHooks,
  ): Promise<MixResult> {
    const { session, stages, timingsMs } = this.job(packId, hooks, 2);
    const { rows } = session.pack.layout;
    const fromLayer = firstStyleRow(session.pack, parameters);
    const ends = await stages.run('invert', async () => ({
      content: (await this.memory.layerOf(session, content)).wPlus,
      style: (await this.memory.layerOf(session, style)).wPlus,
    }));
    const image = await stages.run('edit', async () => {
      const [mine, theirs] = [ends.content.data as Float32Array, ends.style.data as Float32Array];
      const wPlus: Tensor = { ...ends.content, data: mixRows(mine, theirs, rows, fromLayer) };
      const planes = await session.generate(await session.stylesOf(wPlus));
      return layerPicture(planes, session.pack.manifest.resolution, content);
    });
    return { pack: packId, image, fromLayer, layers: rows, timingsMs: timingsMs() };
  }

  subjects(image: PixelImage, maximum: number): Subjects {
    return findSubjects(image, maximum);
  }

  async runNetwork(packId: string, network: string, inputs: Map<string, Tensor>): Promise<Map<string, Tensor>> {
    return await this.session(packId).runNetwork(network, inputs);
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.sessions.values()].map((session) => session.dispose()));
  }

  /** What every request starts with; `timingsMs` is asked once, at its end. */
  private job(packId: string, hooks: EngineHooks, count: number) {
    const session = this.session(packId);
    const stages = new Stages(hooks, count);
    session.takeNetworkMs();
    return { session, stages, timingsMs: () => ({ ...stages.timingsMs, networks: session.takeNetworkMs() }) };
  }

  private contextOf(session: PackSession, image: PixelImage, asked: AskedFrame = {}): Promise<LayerContext> {
    return layerContext(this.memory, session, image, asked);
  }

  private session(packId: string): PackSession {
    const session = this.sessions.get(packId);
    if (session === undefined)
      throw new EditError('pack_missing', `there is no pack ${packId}; packs: ${[...this.sessions.keys()].join(', ')}`);
    return session;
  }
}

/** The row that style mixing starts from: as asked, or the first of the fine level (none when the pack has no such level). */
function firstStyleRow({ manifest, layout }: Pack, { fromLayer }: MixParameters): number {
  const { rows, layers } = layout;
  const fine = layers.filter(({ level }) => level === 'fine').map(({ wPlusRow }) => wPlusRow);
  const row = fromLayer ?? Math.min(rows, ...fine);
  if (!Number.isInteger(row) || row < 0 || row > rows) {
    const asked = `asked to mix from layer ${row}`;
    throw new EditError('edit_failed', `pack ${manifest.id} has W+ layers 0 to ${rows}; ${asked}`);
  }
  return row;
}

function contentDigest({ width, height, data }: PixelImage): string {
  return createHash('sha256').update(`${width} ${height} `).update(data).digest('hex');
}

function summaryOf({ manifest }: Pack): PackSummary {
  const { id, version, domain, resolution, licence, text } = manifest;
  const { strength, threshold } = manifest.defaults;
  const phrases = (text.attributes ?? []).flatMap(({ values }) => values.map(({ phrase }) => phrase));
  const suggestions = [...new Set(phrases)].filter((phrase) => phrase !== domain);
  const networks = networkNames(manifest);
  return { id, version, domain, resolution, networks, licence, defaults: { strength, threshold }, suggestions };
}
