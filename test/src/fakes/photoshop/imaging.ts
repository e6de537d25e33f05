/**
 * The `imaging` module of the fake Photoshop, with the quirks of the real one: bounds come back trimmed to pixels, opaque sources
 * have no alpha component, 16 bit counts to 32768, `targetSize` goes through pyramid levels, only pixel layers take pixels.
 */
import { colourCount, convert, grayProfile, rgbProfiles, type PixelSpace } from './colour.js';
import { composite, renderGroup } from './composite.js';
import { find, replaceLayer, type LayerState, type Raster } from './document-state.js';
import type { ImageDataLedger } from './image-data.js';
import type { Modality } from './modality.js';
import type { OpenDocument } from './open-document.js';
import { pixelSpaceOf } from './pixel-space.js';
import { pyramidLevel } from './pyramid.js';
import { areaOf, copyInto, cut, emptyLike, heightOf, intersect, nothing, trim, unite, widthOf } from './samples.js';
import type { Bounds } from './samples.js';
import { depthOf } from './samples.js';
import { strict } from './strict.js';

export interface ImagingParts {
  readonly documentOf: (id: number | undefined) => OpenDocument;
  readonly modality: Modality;
  readonly ledger: ImageDataLedger;
  /** Whether gray and Lab come without alpha and untrimmed, as some versions of Photoshop give them. */
  readonly leavesOutAlpha: () => boolean;
}

interface GetPixels {
  documentID?: number;
  layerID?: number;
  sourceBounds?: Bounds;
  targetSize?: { width?: number; height?: number };
  colorSpace?: PixelSpace['space'];
  colorProfile?: string;
  componentSize?: 8 | 16 | 32;
}

interface Put {
  documentID?: number;
  layerID: number;
  imageData: object;
  replace?: boolean;
  targetBounds?: { left: number; top: number };
}

export function createImaging(parts: ImagingParts): object {
  /** Each call takes a turn, needs a modal scope, and fails once Esc was pressed. */
  const guarded =
    <Options, Result>(name: string, work: (options: Options) => Result) =>
    async (options: Options): Promise<Result> => {
      await Promise.resolve();
      if (!parts.modality.isModal) throw new Error(`imaging.${name} outside of a modal scope`);
      parts.modality.touch();
      return work(options);
    };
  return strict(
    {
      getPixels: guarded('getPixels', (options: GetPixels) => getPixels(parts, options)),
      putPixels: guarded('putPixels', (options: Put) => putPixels(parts, options)),
      getSelection: guarded('getSelection', (options: { documentID?: number; sourceBounds: Bounds }) =>
        getSelection(parts, options),
      ),
      putLayerMask: guarded('putLayerMask', (options: Put) => putLayerMask(parts, options)),
      createImageDataFromBuffer: async (samples: Uint8Array, options: CreateOptions) => {
        await Promise.resolve();
        parts.modality.touch();
        return createImageData(parts, samples, options);
      },
    },
    'imaging',
  );
}

interface CreateOptions {
  width: number;
  height: number;
  components: number;
  colorSpace: PixelSpace['space'];
  colorProfile?: string;
}

function createImageData({ ledger }: ImagingParts, samples: Uint8Array, options: CreateOptions): object {
  const { width, height, components, colorSpace, colorProfile = '' } = options;
  const known = [...Object.keys(rgbProfiles), grayProfile, ''];
  if (colorSpace !== 'Lab' && !known.includes(colorProfile)) throw new Error(`unknown profile "${colorProfile}"`);
  const space = { space: colorSpace, profile: colorProfile, depth: depthOf(samples) };
  if (width * height === 0) throw new Error('image data without pixels');
  return ledger.create({ width, height, components, samples: samples.slice(), space });
}

function getPixels({ documentOf, ledger, leavesOutAlpha }: ImagingParts, options: GetPixels) {
  const document = documentOf(options.documentID);
  const own = pixelSpaceOf(document.header);
  const whole = rasterOf(document, options.layerID);
  const hasNoAlpha = leavesOutAlpha() && (options.colorSpace ?? own.space) !== 'RGB';
  const raster = hasNoAlpha ? withoutAlpha(whole, colourCount(own)) : whole;
  const asked = options.sourceBounds ?? raster.bounds;
  if (areaOf(asked) === 0) throw new Error('invalid source bounds');
  const isOpaque = raster.components === colourCount(own);
  const bounds = isOpaque ? normal(intersect(raster.bounds, asked)) : trim(raster, asked);
  const space = {
    space: options.colorSpace ?? own.space,
    profile: options.colorProfile ?? own.profile,
    depth: options.componentSize ?? own.depth,
  };
  const source = { ...raster, bounds, samples: cut(raster, bounds) };
  const { level, picture } = pyramidLevel(source, options.targetSize);
  const samples = convert(picture.samples, picture.components, own, space);
  const components = samples.length / Math.max(1, areaOf(picture.bounds));
  const scale = 2 ** level;
  const imageData = ledger.create({
    width: widthOf(picture.bounds),
    height: heightOf(picture.bounds),
    components,
    samples,
    space,
  });
  const sourceBounds = {
    left: bounds.left / scale,
    top: bounds.top / scale,
    right: bounds.right / scale,
    bottom: bounds.bottom / scale,
  };
  return { imageData, sourceBounds, level };
}

function withoutAlpha(raster: Raster, colours: number): Raster {
  const { components } = raster;
  if (components === colours) return raster;
  const samples = raster.samples.filter((_, index) => index % components !== colours);
  return { ...raster, components: colours, samples };
}

const normal = (bounds: Bounds): Bounds => (areaOf(bounds) === 0 ? nothing : bounds);

function rasterOf(document: OpenDocument, layerId: number | undefined): Raster {
  if (layerId === undefined) return composite(document.header, document.state);
  const layer = layerOf(document, layerId);
  if (layer.children !== undefined) return renderGroup(document.header, layer);
  if (layer.raster === undefined) throw new Error(`layer ${layerId} has no pixels`);
  return layer.raster;
}

function layerOf(document: OpenDocument, layerId: number): LayerState {
  const layer = find(document.state, layerId)?.layer;
  if (layer === undefined) throw new Error(`no layer ${layerId}`);
  return layer;
}

function putPixels({ documentOf, ledger }: ImagingParts, options: Put): void {
  const document = documentOf(options.documentID);
  const layer = layerOf(document, options.layerID);
  if (layer.kind !== 'pixel') throw new Error('putPixels needs a pixel layer');
  if (layer.isLocked) throw new Error('the layer is locked');
  const contents = ledger.contentsOf(options.imageData);
  const own = pixelSpaceOf(document.header);
  const space =
    contents.space.profile === '' && contents.space.space === own.space
      ? { ...contents.space, profile: own.profile }
      : contents.space;
  if (contents.space.depth !== own.depth)
    throw new Error(`a ${own.depth}-bit document takes no ${contents.space.depth}-bit pixels here`);
  const { left, top } = options.targetBounds ?? { left: 0, top: 0 };
  const bounds = { left, top, right: left + contents.width, bottom: top + contents.height };
  const converted = convert(contents.samples, contents.components, space, own);
  const components = colourCount(own) + 1;
  if (converted.length !== areaOf(bounds) * components)
    throw new Error('the fake Photoshop takes pixels with alpha only');
  const put = { bounds, components, samples: converted };
  document.write('Put Pixels', (state) => ({
    ...state,
    layers: replaceLayer(state.layers, layer.id, (old) => ({
      ...old,
      raster: merged(old.raster, put, options.replace ?? true),
    })),
  }));
}

function merged(old: Raster | undefined, put: Raster, replace: boolean): Raster {
  if (old === undefined || replace) return put;
  const bounds = unite(old.bounds, put.bounds);
  const whole = {
    bounds,
    components: put.components,
    samples: emptyLike(put.samples, areaOf(bounds) * put.components),
  };
  copyInto(whole, old);
  copyInto(whole, put);
  return whole;
}

function getSelection(
  { documentOf, ledger }: ImagingParts,
  { documentID, sourceBounds }: { documentID?: number; sourceBounds: Bounds },
) {
  const { selection } = documentOf(documentID).state;
  if (selection === undefined) throw new Error('there is no selection');
  const block = { ...selection, components: 1 };
  const bounds = trim(block, sourceBounds);
  const imageData = ledger.create({
    width: widthOf(bounds),
    height: heightOf(bounds),
    components: 1,
    samples: cut(block, bounds),
    space: { space: 'Grayscale', profile: grayProfile, depth: 8 },
  });
  return { imageData, sourceBounds: bounds };
}

function putLayerMask({ documentOf, ledger }: ImagingParts, options: Put): void {
  const document = documentOf(options.documentID);
  const layer = layerOf(document, options.layerID);
  const { width, height, components, samples } = ledger.contentsOf(options.imageData);
  if (components !== 1 || !(samples instanceof Uint8Array)) throw new Error('a mask has one 8-bit component');
  const { mask } = layer;
  if (mask === undefined) throw new Error('the layer has no mask');
  const { left, top } = options.targetBounds ?? { left: 0, top: 0 };
  const put = { bounds: { left, top, right: left + width, bottom: top + height }, components: 1, samples };
  const bounds = areaOf(mask.bounds) === 0 ? put.bounds : unite(mask.bounds, put.bounds);
  const whole = { bounds, components: 1, samples: new Uint8Array(areaOf(bounds)).fill(mask.outside) };
  copyInto(whole, { ...mask, components: 1 });
  copyInto(whole, put);
  document.write('Put Mask', (state) => ({
    ...state,
    layers: replaceLayer(state.layers, layer.id, (old) => ({
      ...old,
      mask: { bounds, samples: whole.samples, outside: mask.outside },
    })),
  }));
}
