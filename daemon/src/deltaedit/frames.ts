/**
 * Frames of an interpolation: between two edits of one layer (attributes, Fig. 10), or between two layers (latents, Fig. 13).
 * All go along the straight line in S; interpolation.ts has the arithmetic.
 */
import type { Tensor } from '@deltaspace/onnx-graph';
import { composeEdit, toNetworkImage, type PixelImage } from '../imaging/index.js';
import { editedCodes, editSettings } from './edit-outputs.js';
import type { InterpolateParameters } from './engine-types.js';
import { lerp } from './interpolation.js';
import { betweenLayers } from './layer-blend.js';
import type { LayerContext } from './memory.js';
import type { Inversion, StyleCode } from './pack-session.js';
import { wishesOf } from './wishes.js';

/** The two codes that an interpolation goes between, and how a code between them becomes a picture. */
export interface InterpolationEnds {
  readonly first: StyleCode;
  readonly second: StyleCode;
  readonly unknownWords: string[];
  /** The frame at `weight` whose code decoded to `planes` [3, R, R]. */
  picture(planes: Float32Array, weight: number): PixelImage;
}

/** The ends that some parameters ask for. */
export function interpolationEnds(
  context: LayerContext,
  parameters: InterpolateParameters,
): Promise<InterpolationEnds> {
  return parameters.between === 'layers' ? layerEnds(context, parameters.other) : textEnds(context, parameters);
}

/** (1 − weight)·first + weight·second in S, and in the toRGB styles where the pack keeps them apart. */
export function codeBetween(first: StyleCode, second: StyleCode, weight: number): StyleCode {
  return { s: lerp(first.s, second.s, weight), rgb: tensorBetween(first.rgb, second.rgb, weight) };
}

function tensorBetween(first: Tensor | null, second: Tensor | null, weight: number): Tensor | null {
  if (first === null || second === null) return null;
  return { ...first, data: lerp(first.data as Float32Array, second.data as Float32Array, weight) };
}

async function layerEnds(
  { memory, session, image, layer }: LayerContext,
  other: PixelImage,
): Promise<InterpolationEnds> {
  const side = session.pack.manifest.resolution;
  const second = await memory.layerOf(session, other);
  const ends = {
    first: image,
    firstReconstruction: await layer.reconstruction,
    second: toNetworkImage(other, side),
    secondReconstruction: await second.reconstruction,
  };
  return {
    first: codeOf(layer),
    second: codeOf(second),
    unknownWords: [],
    picture: (planes, weight) => betweenLayers(ends, planes, weight, side),
  };
}

async function textEnds(
  context: LayerContext,
  parameters: Extract<InterpolateParameters, { between: 'texts' }>,
): Promise<InterpolationEnds> {
  const { from, to, source } = parameters;
  const { image, layer, session } = context;
  const settings = editSettings(session, parameters);
  const wanted = { targets: [from, to], strength: settings.strength, ...(source === undefined ? {} : { source }) };
  const wishes = await wishesOf(context, wanted);
  const [first, second] = await editedCodes(context, wishes, settings);
  if (!first || !second) throw new Error('an interpolation lost one of its ends');
  const side = session.pack.manifest.resolution;
  const reconstruction = await layer.reconstruction;
  return {
    first,
    second,
    unknownWords: [...new Set(wishes.flatMap((wish) => wish.unknownWords))],
    picture: (planes) => composeEdit(image, planes, reconstruction, side),
  };
}

const codeOf = ({ s, rgb }: Inversion): StyleCode => ({ s: s.data as Float32Array, rgb });
