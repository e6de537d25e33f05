/**
 * From wishes to edited layers: predictions, codes, pictures, and what can be said about each edit. All outputs of a request
 * are predicted together; then each is decoded, composed and embedded by itself, several at the same time.
 */
import { composeEdit, differenceHeatmap } from '../imaging/index.js';
import { styleReach } from './apply.js';
import { awaitedLater } from './awaited-later.js';
import { editedCode, methodDefaults, type EditedCode, type EditMethod, type EditStrength } from './edited-codes.js';
import type { EditOutput, EditParameters } from './engine-types.js';
import type { LayerContext } from './memory.js';
import type { PackSession } from './pack-session.js';
import { sideBySide } from './side-by-side.js';
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

/** One output per wish. Throws the signal's reason when the job is cancelled between two of them. */
export async function editOutputs(
  context: LayerContext,
  wishes: readonly Wish[],
  settings: EditSettings & { readonly heatmap: boolean },
  signal: AbortSignal,
): Promise<EditOutput[]> {
  const codes = await editedCodes(context, wishes, settings);
  return sideBySide(wishes, signal, (wish, i) => editOutput(context, wish, codes[i] as EditedCode, settings));
}

async function editOutput(
  { session, image, layer, frame }: LayerContext,
  wish: Wish,
  code: EditedCode,
  { heatmap, strength, threshold }: EditSettings & { readonly heatmap: boolean },
): Promise<EditOutput> {
  const before = awaitedLater(layer.seen());
  const edited = await session.generate(code);
  const after = awaitedLater(session.embedImage(edited)); // runs while the picture is composed
  const composed = composeEdit(image, edited, await layer.reconstruction, session.pack.manifest.resolution);
  const result = frame.deliver(composed);
  const facts = {
    reach: length(wish.delta),
    styleChange: styleReach(layer.s.data as Float32Array, code.s, session.pack.statistics.styleStd),
    alignment: alignmentOf(difference(await after, await before), wish.delta),
    unknownWords: [...wish.unknownWords],
  };
  return {
    ...wish.text,
    image: result,
    ...(heatmap ? { heatmap: differenceHeatmap(frame.before, result) } : {}),
    strength,
    threshold,
    channelsKept: code.channelsKept,
    ...facts,
    warnings: warningsOf({ ...facts, alreadyShown: wish.alreadyShown, allShown: wish.allShown }),
  };
}

/** Cosine between the move of a picture's embedding and Δ, both [D]; 0 when either is too short to have a direction. */
function alignmentOf(move: Float32Array, delta: Float32Array): number {
  const [moved, asked] = [length(move), length(delta)];
  return moved < smallestMove || asked < smallestMove ? 0 : dot(move, delta) / (moved * asked);
}
