/**
 * From wishes to edited layers: predictions, codes, pictures, and what can be said about each edit. All outputs of a request
 * are predicted, decoded and embedded together, a batch at a time.
 */
import { composeEdit, differenceHeatmap } from '../imaging/index.js';
import { styleReach } from './apply.js';
import { editedCode, methodDefaults, type EditedCode, type EditMethod, type EditStrength } from './edited-codes.js';
import type { EditOutput, EditParameters } from './engine-types.js';
import type { LayerContext } from './memory.js';
import type { PackSession } from './pack-session.js';
import { difference, dot, length } from './vectors.js';
import { warningsOf } from './warnings.js';
import type { Wish } from './wishes.js';

/** Method and sliders with the pack's defaults filled in; `strength` keeps its sign. */
export interface EditSettings extends EditStrength {
  readonly method: EditMethod;
}

/** Moves of an embedding shorter than this have no direction. */
const smallestMove = 1e-6;

/** What an edit runs with where its parameters leave something out. */
export function editSettings(
  session: PackSession,
  { method = 'deltaedit', strength, threshold, topChannels }: Partial<EditParameters>,
): EditSettings {
  const defaults = methodDefaults(session, method);
  return {
    method,
    strength: strength ?? defaults.strength,
    threshold: threshold ?? defaults.threshold,
    ...(topChannels === undefined ? {} : { topChannels }),
  };
}

/** ŝ for every wish. The sign of the strength is in the wishes already. */
export async function editedCodes(
  { memory, session, layer }: LayerContext,
  wishes: readonly Wish[],
  { method, ...settings }: EditSettings,
): Promise<EditedCode[]> {
  const predictions = await memory.predictionsOf(session, layer, method, wishes);
  const magnitude = { ...settings, strength: Math.abs(settings.strength) };
  return Promise.all(predictions.map((prediction) => editedCode(session, layer, prediction, magnitude)));
}

/** One output per wish. */
export async function editOutputs(
  context: LayerContext,
  wishes: readonly Wish[],
  settings: EditSettings,
  heatmap: boolean,
): Promise<EditOutput[]> {
  const { session, image, layer } = context;
  const codes = await editedCodes(context, wishes, settings);
  const planes = await session.generate(codes);
  const before = await layer.seen();
  const after = await session.embedImages(planes);
  return wishes.map((wish, i): EditOutput => {
    const [code, edited, seen] = [codes[i], planes[i], after[i]];
    if (!code || !edited || !seen) throw new Error('an edit lost one of its outputs');
    const result = composeEdit(image, edited, layer.reconstruction, session.pack.manifest.resolution);
    const facts = {
      reach: length(wish.delta),
      styleChange: styleReach(layer.s.data as Float32Array, code.s, session.pack.statistics.styleStd),
      alignment: alignmentOf(difference(seen, before), wish.delta),
      unknownWords: [...wish.unknownWords],
    };
    return {
      ...wish.text,
      image: result,
      ...(heatmap ? { heatmap: differenceHeatmap(image, result) } : {}),
      strength: settings.strength,
      threshold: settings.threshold,
      channelsKept: code.channelsKept,
      ...facts,
      warnings: warningsOf({ ...facts, alreadyShown: wish.alreadyShown }),
    };
  });
}

/** Cosine between the move of a picture's embedding and Δ, both [D]; 0 when either is too short to have a direction. */
function alignmentOf(move: Float32Array, delta: Float32Array): number {
  const [moved, asked] = [length(move), length(delta)];
  return moved < smallestMove || asked < smallestMove ? 0 : dot(move, delta) / (moved * asked);
}
