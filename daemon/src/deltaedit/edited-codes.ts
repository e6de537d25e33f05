/**
 * From directions in DeltaSpace to edited codes, by method: DeltaEdit (Eq. 4, §3.2) and the baselines that the paper compares
 * it with. A prediction depends on layer and direction only; strength and threshold are applied to it (`editedCode`), so a
 * slider costs no mapper.
 */
import type { PackManifest, PackStatistics } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';
import { applyDelta, type StyleBounds } from './apply.js';
import { editCondition, straightforwardCondition } from './condition.js';
import { EditError } from './edit-error.js';
import { globalDirection } from './global-direction.js';
import type { Inversion, PackSession, StyleCode } from './pack-session.js';
import { channelRelevance, channelsKept, thresholdMask, topChannelsMask } from './relevance.js';
import { length } from './vectors.js';

/**
 * `deltaedit`: mapper of S on Δ, masked by R_s. `straightforward` (§3.1.1, Fig. 4): mapper on the absolute target embedding;
 * its threshold is 0, which masks nothing, unless one is given (Fig. 21). `wplus` (Fig. 19): mapper of W+ on Δ, no mask, as
 * R_s speaks of S. `styleclip-gd` (§2.2): R_s alone, no mapper.
 */
export type EditMethod = 'deltaedit' | 'straightforward' | 'wplus' | 'styleclip-gd';

/** What the methods need of a pack; a PackSession has it. */
export interface MethodPack extends Pick<PackSession, 'has' | 'mapStyles' | 'mapWPlus' | 'stylesOf'> {
  readonly pack: { readonly manifest: Pick<PackManifest, 'id' | 'defaults'>; readonly statistics: PackStatistics };
}

/** What an edit asks for, in embeddings. */
export interface Direction {
  /** Δ [D], not normalised. */
  readonly delta: Float32Array;
  /** Unit embedding of the target [D]: the straightforward solution takes it instead of the difference. */
  readonly target: Float32Array;
}

/** What a method makes of a direction, before strength and threshold. */
export interface Prediction {
  readonly method: EditMethod;
  readonly delta: Float32Array;
  /** Δŝ [S], or the change of W+ [rows · styleDim], or null where R_s alone decides. */
  readonly change: Float32Array | null;
  /** Relevance of every channel of S to Δ [S]. */
  readonly relevance: Float32Array;
}

/** How far a prediction is followed. */
export interface EditStrength {
  readonly strength: number;
  readonly threshold: number;
  /** Keep this many channels instead of those above the threshold. */
  readonly topChannels?: number;
}

export interface EditedCode extends StyleCode {
  readonly channelsKept: number;
}

/** A direction shorter than this is no direction. */
export const smallestDirection = 1e-6;
const defaultStyleclip = { strength: 3, threshold: 0.1 } as const;

/** ρ and τ of a method when none are given. */
export function methodDefaults(session: MethodPack, method: EditMethod): { strength: number; threshold: number } {
  const { strength, threshold, styleclip = defaultStyleclip, wplusStrength } = session.pack.manifest.defaults;
  switch (method) {
    case 'deltaedit':
      return { strength, threshold };
    case 'straightforward':
      return { strength: 1, threshold: 0 };
    case 'wplus':
      return { strength: wplusStrength ?? strength, threshold: 0 };
    case 'styleclip-gd':
      return styleclip;
  }
}

/** Predictions for several directions of one layer. Throws EditError when the pack lacks the method's network. */
export async function predict(
  session: MethodPack,
  inversion: Pick<Inversion, 'wPlus' | 's' | 'imageFeature'>,
  method: EditMethod,
  directions: readonly Direction[],
): Promise<Prediction[]> {
  const changes = await predictChanges(session, inversion, method, directions);
  return directions.map(({ delta }, i) => ({
    method,
    delta,
    change: changes?.[i] ?? null,
    relevance: channelRelevance(session.pack.statistics.relevance, delta),
  }));
}

async function predictChanges(
  session: MethodPack,
  { wPlus, s, imageFeature }: Pick<Inversion, 'wPlus' | 's' | 'imageFeature'>,
  method: EditMethod,
  directions: readonly Direction[],
): Promise<Float32Array[] | null> {
  const conditions = (): Float32Array[] => directions.map(({ delta }) => editCondition(imageFeature, delta));
  switch (method) {
    case 'deltaedit':
      return session.mapStyles('mapper', s, conditions());
    case 'straightforward': {
      requireNetwork(session, 'straightforward-mapper', method);
      const absolute = directions.map(({ target }) => straightforwardCondition(imageFeature, target));
      return session.mapStyles('straightforward-mapper', s, absolute);
    }
    case 'wplus':
      requireNetwork(session, 'wplus-mapper', method);
      return session.mapWPlus(wPlus, conditions());
    case 'styleclip-gd':
      return null;
  }
}

function requireNetwork(
  session: MethodPack,
  network: 'straightforward-mapper' | 'wplus-mapper',
  method: EditMethod,
): void {
  if (session.has(network)) return;
  throw new EditError(
    'network_missing',
    `pack ${session.pack.manifest.id} has no ${network}, which method ${method} needs; use method deltaedit`,
  );
}

/** ŝ for one prediction. A direction of no length changes nothing, whatever the method. */
export async function editedCode(
  session: MethodPack,
  inversion: Pick<Inversion, 'wPlus' | 's' | 'rgb'>,
  prediction: Prediction,
  settings: EditStrength,
): Promise<EditedCode> {
  const s = inversion.s.data as Float32Array;
  const { method, change, delta, relevance } = prediction;
  const { rgb } = inversion;
  if (length(delta) < smallestDirection) return { s, rgb, channelsKept: 0 };
  if (method === 'wplus') return movedInWPlus(session, inversion, change as Float32Array, settings.strength);
  const { styleStd, styleLow, styleHigh, relevance: matrix } = session.pack.statistics;
  if (method === 'styleclip-gd') {
    const { threshold, topChannels, strength } = settings;
    const { direction, channels } = globalDirection(matrix, delta, styleStd, threshold, topChannels);
    const open = new Uint8Array(s.length).fill(1);
    return { s: applyDelta(s, direction, open, strength), rgb, channelsKept: channels };
  }
  const mask = maskOf(relevance, settings);
  const clamp = method === 'deltaedit' && session.pack.manifest.defaults.clampStyles === true;
  const bounds: StyleBounds | undefined = clamp ? { low: styleLow, high: styleHigh } : undefined;
  const edited = applyDelta(s, change as Float32Array, mask, settings.strength, bounds);
  return { s: edited, rgb, channelsKept: channelsKept(mask) };
}

function maskOf(relevance: Float32Array, { threshold, topChannels }: EditStrength): Uint8Array {
  return topChannels === undefined ? thresholdMask(relevance, threshold) : topChannelsMask(relevance, topChannels);
}

async function movedInWPlus(
  session: MethodPack,
  { wPlus }: Pick<Inversion, 'wPlus'>,
  change: Float32Array,
  strength: number,
): Promise<EditedCode> {
  const moved = (wPlus.data as Float32Array).map((value, i) => value + strength * (change[i] as number));
  const tensor: Tensor = { ...wPlus, data: moved };
  const code = await session.stylesOf(tensor);
  return { ...code, channelsKept: code.s.length };
}
