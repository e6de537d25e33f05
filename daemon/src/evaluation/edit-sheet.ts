/**
 * A contact sheet to look at: one row per avatar, first the layer, then what each text makes of it, as the product returns
 * it. Avatars are the first of the split, not chosen.
 */
import { loadPack } from '@deltaspace/models';
import { contactSheet, encodePng, pictureOf } from '../imaging/index.js';
import { renderDataset } from '../recipes/avatars/dataset.js';
import { EDIT_TEXTS, type EditText } from '../recipes/avatars/edit-suite.js';
import { delivered, editAll, imageRows, prepareSubjects } from './edit-metrics.js';
import { PackNetworks, rowOf } from './pack-networks.js';

export interface EditSheetOptions {
  readonly packDirectory: string;
  readonly split?: 'validation' | 'test';
  readonly avatars?: number;
  /** Names of standard texts; default: those that show most. */
  readonly texts?: readonly string[];
  /** Side of a picture on the sheet, in pixels. */
  readonly cell?: number;
  /** `decoded` shows the generator's picture, `delivered` what is laid over the layer. */
  readonly show?: 'decoded' | 'delivered';
  readonly threads?: number;
}

const defaultTexts = [
  'sunglasses',
  'glasses',
  'beard',
  'smile',
  'red-hair',
  'long-hair',
  'bald',
  'hat',
  'blue-hoodie',
  'heart-eyes',
];

/** The sheet as PNG bytes. Throws for unknown text names. */
export async function editSheet(options: EditSheetOptions): Promise<Uint8Array> {
  const { split = 'test', avatars = 8, texts = defaultTexts, cell = 128, show = 'delivered' } = options;
  const chosen = texts.map((name): EditText => {
    const text = EDIT_TEXTS.find((candidate) => candidate.name === name);
    if (!text) throw new Error(`no standard text ${name}; there are ${EDIT_TEXTS.map((each) => each.name).join(', ')}`);
    return text;
  });
  const pack = await loadPack(options.packDirectory);
  const networks = new PackNetworks(pack, options.threads);
  const side = pack.manifest.resolution;
  const layers = imageRows(await renderDataset({ split, count: avatars, size: side, threads: 0 }));
  const columns = await Promise.all(chosen.map((text) => editColumn(networks, layers, text, show)));
  await networks.dispose();
  const rows = Array.from({ length: avatars }, (_, i) => [
    pictureOf(rowOf(layers, i), side),
    ...columns.map((images) => pictureOf(rowOf(images, i), side)),
  ]);
  return encodePng(contactSheet(rows, { cell }));
}

async function editColumn(
  networks: PackNetworks,
  layers: ReturnType<typeof imageRows>,
  text: EditText,
  show: 'decoded' | 'delivered',
) {
  const { defaults } = networks.pack.manifest;
  const subjects = await prepareSubjects(networks, layers);
  const texts = Array.from({ length: layers.count }, () => text);
  const settings = { ...defaults, clampStyles: defaults.clampStyles === true };
  const { images } = await editAll(subjects, texts, { method: 'deltaedit', ...settings });
  return show === 'decoded' ? images : delivered(subjects, images);
}
