/**
 * What the engine remembers between requests: inversions by the layer's content, embeddings by text, and predictions by both.
 * A second text costs no inversion, and a moved slider no mapper. Bounded in number; what was used least recently goes first.
 */
import { shrinkToSide, toNetworkImage, type PixelImage } from '../imaging/index.js';
import { predict, type Direction, type EditMethod, type Prediction } from './edited-codes.js';
import { keptInversion, keptTextFeature, type TensorStore } from './kept-results.js';
import type { Inversion, PackSession, TextEmbedding } from './pack-session.js';
import { RecentCache } from './recent-cache.js';
import { unit } from './vectors.js';

/** An inversion with what later steps ask of it again and again. */
export interface KnownLayer extends Inversion {
  /** Names the layer's content in caches. */
  readonly key: string;
  /** Unit embedding of the layer itself, [D]. */
  readonly embedding: Float32Array;
  /** Unit embedding of the reconstruction, [D], embedded when first asked for. */
  seen(): Promise<Float32Array>;
}

/** A direction with a name that tells it from all others of its pack. */
export interface NamedDirection extends Direction {
  readonly key: string;
}

/** One layer being edited with one pack. */
export interface LayerContext {
  readonly memory: Memory;
  readonly session: PackSession;
  /** What the edit is composed on: the layer, a part of it, or a small copy. */
  readonly image: PixelImage;
  readonly layer: KnownLayer;
  /** How results are delivered. */
  readonly frame: ResultFrame;
}

/** From a picture of the size that is composed on to one of the size that was asked for. */
export interface ResultFrame {
  /** The layer itself, as it would be delivered. */
  readonly before: PixelImage;
  deliver(picture: PixelImage): PixelImage;
}

/** Layers whose inversions are kept. */
const keptInversions = 16;
/** Texts whose embeddings are kept. */
const keptTexts = 512;
/** Layers that are kept in the size of their previews. */
const keptPreviews = 8;
/** Predictions that are kept: some dozens of texts on the layers at hand. */
const keptPredictions = 128;

export class Memory {
  private readonly layers = new RecentCache<KnownLayer>(keptInversions);
  private readonly texts = new RecentCache<TextEmbedding>(keptTexts);
  private readonly previews = new RecentCache<PixelImage>(keptPreviews);
  private readonly predictions = new RecentCache<Prediction>(keptPredictions);

  /**
   * @param digest names an image by its content: size and all pixels.
   * @param store keeps inversions and text features beyond this memory.
   */
  constructor(
    private readonly digest: (image: PixelImage) => string,
    private readonly store?: TensorStore,
  ) {}

  /** The inversion of a layer. */
  layerOf(session: PackSession, image: PixelImage): Promise<KnownLayer> {
    const { id, resolution } = session.pack.manifest;
    const content = this.digest(image);
    const key = `${id} ${content}`;
    return this.layers.get(key, async () => {
      const compute = (): Promise<Inversion> => session.invert(toNetworkImage(image, resolution));
      const inversion = await keptInversion(this.store, session, content, compute);
      const forgetIfItFails = <Result>(promise: Promise<Result>): Promise<Result> => {
        promise.catch(() => this.layers.forget(key));
        return promise;
      };
      void forgetIfItFails(inversion.reconstruction);
      let seen: Promise<Float32Array> | undefined;
      const embedReconstruction = async (): Promise<Float32Array> => session.embedImage(await inversion.reconstruction);
      return {
        ...inversion,
        key,
        embedding: unit(inversion.imageFeature),
        seen: () => (seen ??= forgetIfItFails(embedReconstruction())),
      };
    });
  }

  /** A layer small enough for a preview of that side. `key` names its content. */
  previewOf(key: string, image: PixelImage, side: number): Promise<PixelImage> {
    return this.previews.get(`${key} ${side}`, () => Promise.resolve(shrinkToSide(image, side)));
  }

  /** The embedding of a text, averaged over the pack's templates. */
  textOf(session: PackSession, text: string): Promise<TextEmbedding> {
    return this.texts.get(`${session.pack.manifest.id} ${text}`, async () => ({
      embedding: await keptTextFeature(this.store, session, text),
      ...session.wordsOf(text),
    }));
  }

  /** Predictions for several directions of one layer: known ones, and one batch for the rest. */
  predictionsOf(
    session: PackSession,
    layer: KnownLayer,
    method: EditMethod,
    directions: readonly NamedDirection[],
  ): Promise<Prediction[]> {
    const keyOf = ({ key }: NamedDirection): string => JSON.stringify([layer.key, method, key]);
    const named = new Map(directions.map((direction) => [keyOf(direction), direction]));
    const known = [...named.keys()].filter((key) => this.predictions.has(key));
    const fresh = [...named.keys()].filter((key) => !known.includes(key));
    const asked = fresh.map((key) => named.get(key) as NamedDirection);
    const batch = asked.length === 0 ? Promise.resolve([]) : predict(session, layer, method, asked);
    const compute = async (key: string): Promise<Prediction> => (await batch)[fresh.indexOf(key)] as Prediction;
    // Known ones are taken first: keeping the fresh ones may push them out.
    const entries = new Map([...known, ...fresh].map((key) => [key, this.predictions.get(key, () => compute(key))]));
    return Promise.all(directions.map((direction) => entries.get(keyOf(direction)) as Promise<Prediction>));
  }
}
