/**
 * From a recipe to the parameters of `edit`, and from its answer to pictures with what is to be said about them.
 */
import {
  type CancelSignal,
  type EditResult,
  type ImageEncoding,
  type ImageInput,
  type ImageResult,
  type ParamsInput,
  type Recipe,
} from '@deltaspace/shared-protocol';
import type { EditingClient } from './link.js';

/** A picture that came back. The bytes are a PNG file or raw RGBA pixels and belong to whoever gets them. */
export interface ReceivedImage {
  readonly encoding: ImageEncoding;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
  /** Name of the content; equal pictures have equal ones. */
  readonly digest: string;
}

/** Something that the edit could not do. */
export interface EditWarning {
  readonly code: string;
  readonly message: string;
}

/** One output of an edit. */
export interface EditedImage {
  readonly image: ReceivedImage;
  readonly heatmap: ReceivedImage | undefined;
  /** The target and source texts that were used; the latter also when the pack wrote it. */
  readonly target: string | undefined;
  readonly source: string | undefined;
  /** ρ and τ that were used. */
  readonly strength: number;
  readonly threshold: number;
  readonly warnings: readonly EditWarning[];
  readonly unknownWords: readonly string[];
}

export interface EditWish {
  readonly recipe: Recipe;
  readonly targets: readonly string[];
  readonly encoding: ImageEncoding;
  /** In place of the recipe's. */
  readonly strength?: number;
  readonly heatmap?: boolean;
  /** Longer side of a preview in pixels; full size when left out, or where the daemon makes no previews. */
  readonly previewSide?: number;
}

export function editParams(image: ImageInput, wish: EditWish, client: EditingClient): ParamsInput<'edit'> {
  const { source, threshold, method, pack } = wish.recipe;
  const strength = wish.strength ?? wish.recipe.strength;
  const previews = client.session.capabilities['previews'] === true;
  return {
    image,
    targets: [...wish.targets],
    encoding: wish.encoding,
    ...(source === undefined ? {} : { source }),
    ...(strength === undefined ? {} : { strength }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(method === undefined ? {} : { method }),
    ...(pack === undefined ? {} : { pack }),
    ...(wish.heatmap === true ? { heatmap: true } : {}),
    ...(previews && wish.previewSide !== undefined ? { previewSide: wish.previewSide } : {}),
  };
}

/** Fetches the outputs in their order. */
export async function collectEdits(
  result: EditResult,
  client: EditingClient,
  signal?: CancelSignal,
): Promise<EditedImage[]> {
  const edits: EditedImage[] = [];
  for (const output of result.outputs) {
    edits.push({
      image: await fetchImage(output.image, client, signal),
      heatmap: output.heatmap === undefined ? undefined : await fetchImage(output.heatmap, client, signal),
      target: output.target,
      source: output.source,
      strength: output.strength,
      threshold: output.threshold,
      warnings: output.warnings,
      unknownWords: output.unknownWords,
    });
  }
  return edits;
}

export async function fetchImage(
  { encoding, width, height, digest, sizeBytes }: ImageResult,
  client: EditingClient,
  signal?: CancelSignal,
): Promise<ReceivedImage> {
  const bytes = await client.download(digest, { maximumBytes: sizeBytes, ...(signal === undefined ? {} : { signal }) });
  return { encoding, width, height, bytes, digest };
}
