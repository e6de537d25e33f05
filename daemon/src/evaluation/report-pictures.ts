/**
 * The pictures of a report: contact sheets in columns, one file per column, so that HTML can write each column's text above it.
 * First what the edits should have looked like, then the product's edits, then those of every other method that was measured.
 */
import { loadPack } from '@deltaspace/models';
import { contactSheet, encodePng, layerPicture, type PixelImage } from '../imaging/index.js';
import type { EditText } from '../recipes/avatars/edit-suite.js';
import { standardTexts } from './edit-bench.js';
import { editColumn, sheetLayers, singleTexts, truthColumn, type SheetLayers } from './edit-sheet.js';
import { variantsOf, type EditVariant } from './edit-variants.js';
import { editMethods, type EvaluationReport } from './evaluate.js';
import { PackNetworks, rowOf } from './pack-networks.js';

/** Pictures of one column, one below the other. */
export interface SheetColumn {
  readonly caption: string;
  /** The caption is worded as no training caption was. */
  readonly unseen: boolean;
  readonly png: Uint8Array;
}

export interface ReportSheet {
  readonly title: string;
  /** One line for people. */
  readonly what: string;
  readonly columns: readonly SheetColumn[];
}

export interface ReportPictures {
  /** Avatars on every sheet: the first of the split. */
  readonly avatars: number;
  /** Side of one picture in pixels. */
  readonly cell: number;
  readonly sheets: readonly ReportSheet[];
}

export interface ReportPicturesOptions {
  readonly packDirectory: string;
  readonly report: Pick<EvaluationReport, 'pack' | 'split' | 'edits'>;
  readonly avatars?: number;
  /** Side of the layers, and of a picture on the sheets, in pixels. */
  readonly cell?: number;
  readonly threads?: number;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Draws all sheets of a report. Throws when the folder no longer holds the pack that was measured. */
export async function drawReport(options: ReportPicturesOptions): Promise<ReportPictures> {
  const { report, avatars = 8, cell = 96, log, signal } = options;
  const pack = await loadPack(options.packDirectory);
  if (pack.digest !== report.pack.digest)
    throw new Error(
      `pack ${pack.manifest.id} was replaced while it was evaluated; its pictures would not be of the figures`,
    );
  const networks = new PackNetworks(pack, options.threads);
  try {
    const names = report.edits.texts.map(({ name }) => name).filter((name) => singleTexts.includes(name));
    const texts = standardTexts(names);
    const layers = await sheetLayers(networks, report.split, avatars, cell);
    const first = await column('the layer', layers.pictures, cell);
    log('evaluate: drawing the truths');
    const sheets = [await truthSheet(layers, first, texts)];
    for (const variant of measuredMethods(report, variantsOf(pack.manifest, report.edits.styleclip, editMethods))) {
      signal?.throwIfAborted();
      log(`evaluate: drawing ${variant.name}`);
      sheets.push(await methodSheet(layers, first, texts, variant));
    }
    return { avatars, cell, sheets };
  } finally {
    await networks.dispose();
  }
}

/** One variant per method, and no methods that the report has no figures of. */
const measuredMethods = ({ edits }: Pick<EvaluationReport, 'edits'>, variants: readonly EditVariant[]) =>
  variants.filter(({ name, settings }) => name === settings.method && edits.methods[name] !== undefined);

async function truthSheet(layers: SheetLayers, first: SheetColumn, texts: readonly EditText[]): Promise<ReportSheet> {
  const { subjects, cell } = layers;
  const side = subjects.networks.pack.manifest.resolution;
  const seen = layers.pictures.map((layer, i) => layerPicture(rowOf(subjects.reconstructions, i), side, layer));
  const columns = [first, await column('the layer, decoded', seen, cell)];
  for (const text of texts) columns.push(await column(text.target, await truthColumn(layers, text), cell, text.unseen));
  return {
    title: 'truth',
    what: 'what the edits should look like, drawn from the attributes; where an avatar shows it already, nothing changes',
    columns,
  };
}

async function methodSheet(
  layers: SheetLayers,
  first: SheetColumn,
  texts: readonly EditText[],
  { name, what, settings }: EditVariant,
): Promise<ReportSheet> {
  const columns = [first];
  for (const text of texts)
    columns.push(await column(text.target, await editColumn(layers, text, settings), layers.cell, text.unseen));
  return { title: name, what, columns };
}

async function column(
  caption: string,
  pictures: readonly PixelImage[],
  cell: number,
  unseen = false,
): Promise<SheetColumn> {
  const strip = contactSheet(
    pictures.map((picture) => [picture]),
    // No lines between pictures: they would be of one colour, and pages are light or dark.
    { cell, gap: 0 },
  );
  return { caption, unseen, png: await encodePng(strip) };
}
