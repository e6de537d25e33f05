/**
 * Many pictures of one layer: texts × strengths, frames between two ends, styles × cuts.
 *
 * `edit` takes many targets at one strength and computes them together, so a grid is one request per strength (and per
 * `targets` texts). One request that fails loses its own cells only.
 */
import {
  ProtocolError,
  protocolLimits,
  type CancelSignal,
  type ImageEncoding,
  type InterpolateResult,
  type Recipe,
} from '@deltaspace/shared-protocol';
import { collectEdits, editParams, fetchImage, type EditedImage, type ReceivedImage } from './edited-image.js';
import { explainFailure, type Failure } from './failures.js';
import { runJob } from './job-runner.js';
import type { LayerUpload } from './layer.js';
import type { DaemonLink, EditingPlatform } from './link.js';
import { runSeveral, SharedProgress, type ActivityProgress } from './progress.js';

export const variationLimits = {
  /** Cells of one grid: 256 pictures of 16 MB each would be what a panel can hold. */
  cells: 256,
  /** Requests of one grid under way: one computes, one is being sent or fetched. */
  atOnce: 2,
} as const;

export interface VariationParts {
  readonly link: DaemonLink;
  readonly platform: EditingPlatform;
  readonly encoding: ImageEncoding;
  readonly signal?: CancelSignal;
  readonly onProgress: (progress: ActivityProgress) => void;
}

/** What became of one cell. */
export type CellOutcome<Value> =
  { readonly kind: 'done'; readonly value: Value } | { readonly kind: 'failed'; readonly failure: Failure };

export interface VariationCell {
  readonly text: string;
  readonly strength: number;
  readonly outcome: CellOutcome<EditedImage>;
}

export interface VariationWish {
  readonly recipe: Recipe;
  /** Targets, one row each. */
  readonly texts: readonly string[];
  /** ρ, one column each. */
  readonly strengths: readonly number[];
  /** Longer side in pixels; full size when left out. */
  readonly previewSide?: number;
  /** Called as soon as a request's cells are there. */
  readonly onCells?: (cells: readonly VariationCell[]) => void;
}

/** The grid, row by row. @throws ProtocolError `cancelled`, `invalid_params` for a grid without cells or with too many. */
export async function makeVariations(
  parts: VariationParts,
  layer: LayerUpload,
  wish: VariationWish,
): Promise<VariationCell[]> {
  const { texts, strengths } = wish;
  checkCells(texts.length * strengths.length);
  const groups = strengths.flatMap((strength) =>
    inGroups(texts, protocolLimits.targets).map((targets) => ({ strength, targets })),
  );
  const progress = new SharedProgress(groups.length, parts.onProgress);
  const tasks = groups.map(({ strength, targets }, index) => async (): Promise<VariationCell[]> => {
    const outcomes = await outcomesOf(parts, targets.length, () =>
      runJob(
        parts,
        {
          method: 'edit',
          layers: [layer],
          params: ([image], client) =>
            editParams(
              image as NonNullable<typeof image>,
              { ...wish, targets, strength, encoding: parts.encoding },
              client,
            ),
          collect: collectEdits,
        },
        { ...signalOf(parts), onProgress: progress.part(index) },
      ),
    );
    progress.end(index);
    const cells = targets.map((text, row) => ({ text, strength, outcome: outcomes[row] as CellOutcome<EditedImage> }));
    wish.onCells?.(cells);
    return cells;
  });
  const cells = (await runSeveral(tasks, variationLimits.atOnce)).flat();
  return texts.flatMap((text) =>
    strengths.map(
      (strength) => cells.find((cell) => cell.text === text && cell.strength === strength) as VariationCell,
    ),
  );
}

/** One frame of a strip. */
export interface StripFrame {
  /** Share of the second end, 0 to 1. */
  readonly weight: number;
  readonly image: ReceivedImage;
}

export interface Strip {
  readonly frames: readonly StripFrame[];
  readonly unknownWords: readonly string[];
}

/** The two ends of a strip: two texts, with source, ρ and τ of the recipe, or the layer and another one. */
export type StripEnds =
  | { readonly kind: 'texts'; readonly from: string; readonly to: string; readonly recipe: Recipe }
  | { readonly kind: 'layers'; readonly other: LayerUpload; readonly recipe: Recipe };

/** @param steps frames, both ends included: 2 to `protocolLimits.frames`. */
export async function makeStrip(
  parts: VariationParts,
  layer: LayerUpload,
  ends: StripEnds,
  steps: number,
): Promise<Strip> {
  const { pack, source, strength, threshold } = ends.recipe;
  const common = { steps, encoding: parts.encoding, ...(pack === undefined ? {} : { pack }) };
  return runJob(
    parts,
    {
      method: 'interpolate',
      layers: ends.kind === 'layers' ? [layer, ends.other] : [layer],
      params: ([image, other]) =>
        ends.kind === 'layers'
          ? { image: image as NonNullable<typeof image>, other: other as NonNullable<typeof other>, ...common }
          : {
              image: image as NonNullable<typeof image>,
              texts: {
                from: ends.from,
                to: ends.to,
                ...(source === undefined ? {} : { source }),
                ...(strength === undefined ? {} : { strength }),
                ...(threshold === undefined ? {} : { threshold }),
              },
              ...common,
            },
      collect: async (result: InterpolateResult, client, signal) => {
        const frames: StripFrame[] = [];
        for (const { weight, image } of result.frames) {
          frames.push({ weight, image: await fetchImage(image, client, signal) });
        }
        return { frames, unknownWords: result.unknownWords };
      },
    },
    { ...signalOf(parts), onProgress: parts.onProgress },
  );
}

export interface MixCell {
  /** Index among the styles. */
  readonly style: number;
  /** First layer of W+ that is taken from the style; undefined for the pack's default. */
  readonly fromLayer: number | undefined;
  readonly outcome: CellOutcome<{ readonly image: ReceivedImage; readonly fromLayer: number; readonly layers: number }>;
}

export interface MixWish {
  readonly styles: readonly LayerUpload[];
  /** Cuts, one column each; `[undefined]` for the default of the pack alone. */
  readonly cuts: readonly (number | undefined)[];
  readonly pack?: string;
}

/** The layer's shape with the colours and details of others: styles × cuts, row by row. */
export async function makeMixes(parts: VariationParts, layer: LayerUpload, wish: MixWish): Promise<MixCell[]> {
  const cells = wish.styles.flatMap((upload, style) => wish.cuts.map((fromLayer) => ({ upload, style, fromLayer })));
  checkCells(cells.length);
  const progress = new SharedProgress(cells.length, parts.onProgress);
  const tasks = cells.map(({ upload, style, fromLayer }, index) => async (): Promise<MixCell> => {
    const [outcome] = await outcomesOf(parts, 1, async () => [
      await runJob(
        parts,
        {
          method: 'mix',
          layers: [layer, upload],
          params: ([content, from]) => ({
            content: content as NonNullable<typeof content>,
            style: from as NonNullable<typeof from>,
            encoding: parts.encoding,
            ...(fromLayer === undefined ? {} : { fromLayer }),
            ...(wish.pack === undefined ? {} : { pack: wish.pack }),
          }),
          collect: async (result, client, signal) => ({
            image: await fetchImage(result.image, client, signal),
            fromLayer: result.fromLayer,
            layers: result.layers,
          }),
        },
        { ...signalOf(parts), onProgress: progress.part(index) },
      ),
    ]);
    progress.end(index);
    return { style, fromLayer, outcome: outcome as MixCell['outcome'] };
  });
  return runSeveral(tasks, variationLimits.atOnce);
}

/** The values of one request, or its failure for each of its cells. Cancelling is no failure of a cell. */
async function outcomesOf<Value>(
  { signal }: Pick<VariationParts, 'signal'>,
  count: number,
  run: () => Promise<Value[]>,
): Promise<CellOutcome<Value>[]> {
  try {
    return (await run()).map((value) => ({ kind: 'done', value }));
  } catch (error) {
    if (signal?.aborted === true) throw error;
    const failure = explainFailure(error);
    return Array.from({ length: count }, () => ({ kind: 'failed', failure }));
  }
}

function checkCells(count: number): void {
  if (count >= 1 && count <= variationLimits.cells) return;
  throw new ProtocolError('invalid_params', `a grid has 1 to ${variationLimits.cells} pictures, this one has ${count}`);
}

function inGroups<Item>(items: readonly Item[], size: number): Item[][] {
  const groups: Item[][] = [];
  for (let index = 0; index < items.length; index += size) groups.push(items.slice(index, index + size));
  return groups;
}

export function signalOf({ signal }: { readonly signal?: CancelSignal }): { signal?: CancelSignal } {
  return signal === undefined ? {} : { signal };
}
