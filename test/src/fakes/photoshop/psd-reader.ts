/** PSD files into documents of the fake Photoshop, read by ag-psd: 8 and 16 bit, RGB and grayscale. */
import { initializeCanvas, readPsd, type Layer, type Psd } from 'ag-psd';
import {
  newLayer,
  walk,
  type DocumentHeader,
  type DocumentState,
  type LayerState,
  type Raster,
} from './document-state.js';
import { iccName } from './icc.js';
import { emptyLike, type Samples } from './samples.js';

initializeCanvas(
  () => {
    throw new Error('no canvas here: read with useImageData');
  },
  (width, height) => ({ width, height, data: new Uint8ClampedArray(width * height * 4), colorSpace: 'srgb' as const }),
);

const modes: Readonly<Record<number, 'rgb' | 'grayscale'>> = { 1: 'grayscale', 3: 'rgb' };

export function readPsdFile(bytes: Uint8Array, name: string): { header: DocumentHeader; state: DocumentState } {
  // ag-psd swaps the bytes of 16-bit samples in place
  const psd = readPsd(bytes.slice(), { useImageData: true, skipThumbnail: true });
  const mode = modes[psd.colorMode ?? 3];
  if (mode === undefined) throw new Error(`the fake Photoshop opens no files of colour mode ${psd.colorMode}`);
  const resources = (psd.imageResources ?? {}) as {
    xmpMetadata?: string;
    resolutionInfo?: { horizontalResolution: number };
  };
  const icc = imageResource(bytes, 1039); // ag-psd passes over it
  const header: DocumentHeader = {
    name,
    mode,
    depth: (psd.bitsPerChannel ?? 8) as 8 | 16 | 32,
    width: psd.width,
    height: psd.height,
    profile: icc === undefined ? '' : iccName(icc),
    resolution: resources.resolutionInfo?.horizontalResolution ?? 72,
  };
  const layers = layersOf(psd.children ?? [], header, psd);
  const first = [...walk(layers)].find(({ layer }) => layer.children === undefined);
  const activeIds = first === undefined ? [] : [first.layer.id];
  return { header, state: { layers, activeIds, xmp: resources.xmpMetadata ?? '', selection: undefined } };
}

/** The bytes of one image resource of a PSD. */
export function imageResource(file: Uint8Array, id: number): Uint8Array | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const start = 26 + 4 + view.getUint32(26);
  const end = start + 4 + view.getUint32(start);
  for (let at = start + 4; at < end;) {
    const nameLength = view.getUint8(at + 6);
    const lengthAt = at + 6 + nameLength + 1 + ((nameLength + 1) % 2);
    const length = view.getUint32(lengthAt);
    if (view.getUint16(at + 4) === id) return file.subarray(lengthAt + 4, lengthAt + 4 + length);
    at = lengthAt + 4 + length + (length % 2);
  }
  return undefined;
}

/** Files have layers from the bottom to the top, documents the other way. */
function layersOf(layers: readonly Layer[], header: DocumentHeader, psd: Psd): LayerState[] {
  return layers.toReversed().map((layer) => layerOf(layer, header, psd));
}

function layerOf(layer: Layer, header: DocumentHeader, psd: Psd): LayerState {
  const isBackground =
    layer === psd.children?.[0] && layer.name === 'Background' && layer.transparencyProtected === true;
  return newLayer(layer.id ?? 0, layer.name ?? '', {
    kind: layer.children === undefined ? 'pixel' : 'group',
    isBackground,
    isClipped: layer.clipping === true,
    isLocked: layer.protected?.composite === true,
    isVisible: layer.hidden !== true,
    opacity: Math.round((layer.opacity ?? 1) * 255),
    blendMode: layer.blendMode ?? 'normal',
    raster: rasterOf(layer, header, isBackground),
    mask: maskOf(layer),
    children: layer.children && layersOf(layer.children, header, psd),
  });
}

const boundsOf = ({
  left = 0,
  top = 0,
  right = 0,
  bottom = 0,
}: {
  left?: number;
  top?: number;
  right?: number;
  bottom?: number;
}) => ({
  left,
  top,
  right,
  bottom,
});

/** RGBA of ag-psd (16 bit counting to 65535) as the document's own components. */
function rasterOf(layer: Layer, header: DocumentHeader, isBackground: boolean): Raster | undefined {
  if (layer.imageData === undefined) return undefined;
  const data = layer.imageData.data;
  const source: Samples = data instanceof Uint8ClampedArray ? new Uint8Array(data) : data;
  const channels = header.mode === 'grayscale' ? [0, 3] : [0, 1, 2, 3];
  if (isBackground) channels.pop();
  const count = source.length / 4;
  const samples = emptyLike(source, count * channels.length);
  const toOwn = (value: number): number => (header.depth === 16 ? Math.round((value * 32_768) / 65_535) : value);
  for (let pixel = 0; pixel < count; pixel++) {
    channels.forEach((channel, index) => {
      samples[pixel * channels.length + index] = toOwn(source[pixel * 4 + channel]!);
    });
  }
  return { bounds: boundsOf(layer), components: channels.length, samples };
}

function maskOf({ mask }: Layer): LayerState['mask'] {
  if (mask === undefined) return undefined;
  const outside = mask.defaultColor === 255 ? 255 : 0;
  const data = mask.imageData?.data as unknown as ArrayLike<number> | undefined;
  const scale = data instanceof Uint16Array ? 257 : 1;
  const samples = Uint8Array.from({ length: (data?.length ?? 0) / 4 }, (_, pixel) =>
    Math.round(data![pixel * 4]! / scale),
  );
  return { bounds: boundsOf(mask), samples, outside };
}
