/**
 * A layered PSD of 8, 16 or 32 bit: groups, names, ids, opacity, clipping, masks, ICC profile, XMP. All data uncompressed.
 *
 * Written for tests because no library here writes more than 8 bit. The layers of a 16 or 32-bit file are in the block
 * `Lr16` or `Lr32` at the end of the section, as Photoshop does it. The composite is a plain one: opacity, masks and
 * clipping, no blend modes. Layers that are not pixels are written as the pixels they show.
 */
import type { DocumentHeader, DocumentState, LayerState, Raster } from './document-state.js';
import { colourCount } from './colour.js';
import { composite } from './composite.js';
import { ByteWriter } from './psd-bytes.js';
import { emptyLike, heightOf, nothing, widthOf, type Samples } from './samples.js';
import { iccProfile } from './icc.js';
import { pixelSpaceOf } from './pixel-space.js';

const modeNumbers = { grayscale: 1, indexed: 2, rgb: 3, cmyk: 4, lab: 9 } as const;
const blendKeys: Readonly<Record<string, string>> = {
  normal: 'norm',
  multiply: 'mul ',
  screen: 'scrn',
  passThrough: 'pass',
};

export function writePsd(header: DocumentHeader, state: DocumentState): Uint8Array {
  const colours = colourCount(pixelSpaceOf(header));
  const writer = new ByteWriter().ascii('8BPS').uint16(1).zeros(6).uint16(colours);
  writer.uint32(header.height).uint32(header.width).uint16(header.depth).uint16(modeNumbers[header.mode]);
  writer.uint32(0); // colour mode data
  writer.section((section) => writeResources(section, header, state));
  writer.section((section) => {
    if (header.depth === 8) section.section((info) => writeLayers(info, header, state.layers), 4).uint32(0);
    else {
      section.uint32(0).uint32(0).ascii('8BIM').ascii(`Lr${header.depth}`);
      section.section((info) => writeLayers(info, header, state.layers), 4);
    }
  });
  writer.uint16(0); // the composite is not compressed
  const whole = composite(header, state);
  for (let channel = 0; channel < colours; channel++) writer.samples(plane(whole, channel));
  return writer.toBytes();
}

function writeResources(writer: ByteWriter, header: DocumentHeader, state: DocumentState): void {
  const resource = (id: number, data: Uint8Array): void => {
    writer
      .ascii('8BIM')
      .uint16(id)
      .uint16(0)
      .section((section) => section.bytes(data));
    writer.zeros(data.length % 2);
  };
  const perInch = new ByteWriter();
  for (let axis = 0; axis < 2; axis++)
    perInch
      .uint32(Math.round(header.resolution * 65_536))
      .uint16(1)
      .uint16(1);
  resource(1005, perInch.toBytes());
  if (header.profile !== '') resource(1039, iccProfile(header.profile));
  if (state.xmp !== '') resource(1060, new TextEncoder().encode(state.xmp));
}

/** A record of a file: a layer, or one of the two ends of a group. */
interface LayerRecord {
  readonly layer: LayerState;
  readonly part: 'layer' | 'groupStart' | 'groupEnd';
}

/** Records from the bottom to the top. */
function recordsOf(layers: readonly LayerState[]): LayerRecord[] {
  return layers.toReversed().flatMap((layer): LayerRecord[] => {
    if (layer.children === undefined) return [{ layer, part: 'layer' }];
    return [{ layer, part: 'groupEnd' }, ...recordsOf(layer.children), { layer, part: 'groupStart' }];
  });
}

function writeLayers(writer: ByteWriter, header: DocumentHeader, layers: readonly LayerState[]): void {
  const records = recordsOf(layers);
  const channels = records.map((record) => channelsOf(record, header));
  writer.uint16(records.length);
  records.forEach((record, index) => writeRecord(writer, record, channels[index]!));
  for (const { samples } of channels.flat()) writer.uint16(0).samples(samples);
}

interface ChannelData {
  readonly id: number;
  readonly samples: Samples;
}

function channelsOf({ layer, part }: LayerRecord, header: DocumentHeader): ChannelData[] {
  const colours = colourCount(pixelSpaceOf(header));
  const raster = part === 'layer' ? layer.raster : undefined;
  const model = header.depth === 8 ? new Uint8Array() : header.depth === 16 ? new Uint16Array() : new Float32Array();
  const of = (channel: number): Samples => (raster === undefined ? model : plane(raster, channel));
  const hasAlpha = raster === undefined || raster.components > colours;
  const channels: ChannelData[] = hasAlpha ? [{ id: -1, samples: of(colours) }] : [];
  for (let channel = 0; channel < colours; channel++) channels.push({ id: channel, samples: of(channel) });
  if (layer.mask !== undefined && part !== 'groupEnd') {
    const scale = { 8: 1, 16: 32_768 / 255, 32: 1 / 255 }[header.depth];
    const samples = emptyLike(model, layer.mask.samples.length);
    layer.mask.samples.forEach(
      (shown, index) => (samples[index] = header.depth === 32 ? shown * scale : Math.round(shown * scale)),
    );
    channels.push({ id: -2, samples });
  }
  return channels;
}

function writeRecord(writer: ByteWriter, { layer, part }: LayerRecord, channels: readonly ChannelData[]): void {
  const { top, left, bottom, right } = (part === 'layer' ? layer.raster?.bounds : undefined) ?? nothing;
  for (const edge of [top, left, bottom, right]) writer.uint32(edge);
  writer.uint16(channels.length);
  for (const { id, samples } of channels) writer.uint16(id).uint32(2 + samples.byteLength);
  const blend = part === 'layer' ? layer.blendMode : 'passThrough';
  writer.ascii('8BIM').ascii(blendKeys[blend] ?? 'norm');
  const flags = (layer.isBackground ? 1 : 0) | (layer.isVisible ? 0 : 2) | 8;
  writer
    .uint8(layer.opacity)
    .uint8(layer.isClipped ? 1 : 0)
    .uint8(flags)
    .uint8(0);
  writer.section((extra) => {
    extra.section((mask) => writeMask(mask, part === 'groupEnd' ? undefined : layer.mask));
    extra.uint32(0); // blending ranges
    const name = part === 'groupEnd' ? '</Layer group>' : layer.name;
    writeNames(extra, name);
    if (part !== 'groupEnd') extra.ascii('8BIM').ascii('lyid').uint32(4).uint32(layer.id);
    if (layer.isLocked && part !== 'groupEnd') extra.ascii('8BIM').ascii('lspf').uint32(4).uint32(0x8000_0000);
    if (part !== 'layer')
      extra
        .ascii('8BIM')
        .ascii('lsct')
        .uint32(4)
        .uint32(part === 'groupStart' ? 1 : 3);
  });
}

function writeMask(writer: ByteWriter, mask: LayerState['mask']): void {
  if (mask === undefined) return;
  const { top, left, bottom, right } = mask.bounds;
  for (const edge of [top, left, bottom, right]) writer.uint32(edge);
  writer.uint8(mask.outside).uint8(0).zeros(2);
}

/** The name in both forms: cut to 255 bytes of ASCII, padded to 4, and as UTF-16. */
function writeNames(writer: ByteWriter, name: string): void {
  const short = name.replace(/[^ -~]/g, '?').slice(0, 255);
  writer.uint8(short.length).ascii(short);
  writer.zeros((4 - ((short.length + 1) % 4)) % 4);
  writer.ascii('8BIM').ascii('luni');
  writer.section((section) => {
    section.uint32(name.length);
    for (let index = 0; index < name.length; index++) section.uint16(name.charCodeAt(index));
  }, 4);
}

function plane({ bounds, components, samples }: Raster, channel: number): Samples {
  const count = widthOf(bounds) * heightOf(bounds);
  const out = emptyLike(samples, count);
  for (let pixel = 0; pixel < count; pixel++) out[pixel] = samples[pixel * components + channel]!;
  return out;
}
