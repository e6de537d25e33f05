/**
 * A contact sheet to look at: one row per avatar, first the layer, then what each text makes of it, exactly as the product
 * returns it for a layer of that size. Avatars are the first of the split, not chosen.
 */
import { loadPack } from '@deltaspace/models';
import { composeEdit, contactSheet, encodePng, pixelImage, toNetworkImage, type PixelImage } from '../imaging/index.js';
import { renderDataset, type RenderedAvatars } from '../recipes/avatars/dataset.js';
import { EDIT_TEXTS, type EditText } from '../recipes/avatars/edit-suite.js';
import { editAll, prepareSubjects, type Subjects } from './edit-metrics.js';
import { PackNetworks, rowOf, rowsFrom } from './pack-networks.js';

export interface EditSheetOptions {
  readonly packDirectory: string;
  readonly split?: 'validation' | 'test';
  readonly avatars?: number;
  /** Names of standard texts; default: those that show most. */
  readonly texts?: readonly string[];
  /** Side of the layers, and of a picture on the sheet, in pixels. */
  readonly cell?: number;
  readonly threads?: number;
}

const defaultTexts = [
  'sunglasses',
  'glasses',
  'beard',
  'tongue',
  'red-hair',
  'long-hair',
  'curly-hair',
  'bald',
  'dark-skin',
  'blue-hoodie',
];

/** The sheet as PNG bytes. Throws for unknown text names. */
export async function editSheet(options: EditSheetOptions): Promise<Uint8Array> {
  const { split = 'test', avatars = 8, texts = defaultTexts, cell = 128 } = options;
  const chosen = texts.map((name): EditText => {
    const text = EDIT_TEXTS.find((candidate) => candidate.name === name);
    if (!text) throw new Error(`no standard text ${name}; there are ${EDIT_TEXTS.map((each) => each.name).join(', ')}`);
    return text;
  });
  const pack = await loadPack(options.packDirectory);
  const networks = new PackNetworks(pack, options.threads);
  try {
    const layers = picturesOf(await renderDataset({ split, count: avatars, size: cell, threads: 0 }));
    const images = layers.map((layer) => toNetworkImage(layer, pack.manifest.resolution));
    const subjects = await prepareSubjects(networks, rowsFrom(images));
    const columns: PixelImage[][] = [];
    for (const text of chosen) columns.push(await editColumn(subjects, layers, text));
    const rows = layers.map((layer, i) => [layer, ...columns.map((column) => column[i] ?? null)]);
    return await encodePng(contactSheet(rows, { cell }));
  } finally {
    await networks.dispose();
  }
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

/** Every layer edited by one text. */
async function editColumn(subjects: Subjects, layers: readonly PixelImage[], text: EditText): Promise<PixelImage[]> {
  const { defaults, resolution } = subjects.networks.pack.manifest;
  const settings = { ...defaults, clampStyles: defaults.clampStyles === true };
  const texts = layers.map(() => text);
  const { images } = await editAll(subjects, texts, { method: 'deltaedit', ...settings });
  return layers.map((layer, i) => composeEdit(layer, rowOf(images, i), rowOf(subjects.reconstructions, i), resolution));
}
