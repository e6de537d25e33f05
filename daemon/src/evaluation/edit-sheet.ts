/**
 * Contact sheets to look at: one row per avatar, first the layer, then what each text makes of it, exactly as the product
 * returns it for a layer of that size. Avatars are the first of the split, not chosen.
 */
import { loadPack } from '@deltaspace/models';
import { composeEdit, contactSheet, encodePng, pixelImage, toNetworkImage, type PixelImage } from '../imaging/index.js';
import type { Avatar } from '../recipes/avatars/attributes.js';
import { renderAvatars, renderDataset, type RenderedAvatars } from '../recipes/avatars/dataset.js';
import { counterfactual, EDIT_TEXTS, type EditText } from '../recipes/avatars/edit-suite.js';
import { editAll, type EditSettings } from './edit-all.js';
import { standardTexts } from './edit-bench.js';
import { prepareSubjects, type Subjects } from './edit-metrics.js';
import { productSettings } from './edit-variants.js';
import { PackNetworks, rowOf, rowsFrom } from './pack-networks.js';

export interface EditSheetOptions {
  readonly packDirectory: string;
  readonly split?: 'validation' | 'test';
  readonly avatars?: number;
  /** Names of standard texts; default: the fourteen single ones. */
  readonly texts?: readonly string[];
  /** Side of the layers, and of a picture on the sheet, in pixels. */
  readonly cell?: number;
  /** How the layers are edited; default: as the product does. */
  readonly settings?: EditSettings;
  readonly threads?: number;
}

/** Layers of a sheet and their inversions; several sheets can share them. */
export interface SheetLayers {
  readonly avatars: readonly Avatar[];
  readonly pictures: readonly PixelImage[];
  readonly subjects: Subjects;
  /** Side of the pictures in pixels. */
  readonly cell: number;
}

/** Names of the standard texts that ask for one thing. */
export const singleTexts: readonly string[] = EDIT_TEXTS.map(({ name }) => name).filter(
  (name) => !name.startsWith('mix-'),
);

/** The sheet as PNG bytes. Throws for unknown text names. */
export async function editSheet(options: EditSheetOptions): Promise<Uint8Array> {
  const { split = 'test', avatars = 8, cell = 128 } = options;
  const texts = standardTexts(options.texts ?? singleTexts);
  const pack = await loadPack(options.packDirectory);
  const networks = new PackNetworks(pack, options.threads);
  try {
    const layers = await sheetLayers(networks, split, avatars, cell);
    const settings = options.settings ?? productSettings(pack.manifest);
    const columns = [layers.pictures];
    for (const text of texts) columns.push(await editColumn(layers, text, settings));
    const rows = layers.pictures.map((_, i) => columns.map((column) => column[i] ?? null));
    return await encodePng(contactSheet(rows, { cell }));
  } finally {
    await networks.dispose();
  }
}

/** The first avatars of a split as layers of `cell` pixels, inverted. */
export async function sheetLayers(
  networks: PackNetworks,
  split: 'validation' | 'test',
  count: number,
  cell: number,
): Promise<SheetLayers> {
  const rendered = await renderDataset({ split, count, size: cell, threads: 0 });
  const pictures = picturesOf(rendered);
  const images = pictures.map((picture) => toNetworkImage(picture, networks.pack.manifest.resolution));
  return {
    avatars: rendered.avatars,
    pictures,
    subjects: await prepareSubjects(networks, rowsFrom(images)),
    cell,
  };
}

/** Every layer edited by one text. */
export async function editColumn(
  { pictures, subjects }: SheetLayers,
  text: EditText,
  settings: EditSettings,
): Promise<PixelImage[]> {
  const targets = pictures.map(() => text.target);
  const { images } = await editAll(subjects, targets, settings);
  const side = subjects.networks.pack.manifest.resolution;
  return pictures.map((layer, i) => composeEdit(layer, rowOf(images, i), rowOf(subjects.reconstructions, i), side));
}

/** Every layer as it would have been drawn with the attributes that the text asks for. */
export async function truthColumn({ avatars, cell }: SheetLayers, text: EditText): Promise<PixelImage[]> {
  const truths = avatars.map((avatar) => counterfactual(avatar, text.changes));
  return picturesOf(await renderAvatars('truths', truths, { size: cell, threads: 0 }));
}

function picturesOf({ size, count, images }: RenderedAvatars): PixelImage[] {
  const pixels = size * size;
  return Array.from({ length: count }, (_, k) => {
    const data = new Uint8Array(4 * pixels).fill(255);
    for (let i = 0; i < pixels; i++)
      for (let channel = 0; channel < 3; channel++)
        data[4 * i + channel] = images[3 * (k * pixels + i) + channel] as number;
    return pixelImage(size, size, data);
  });
}
