/**
 * Documents and layers of the DOM as plain facts. Getters of the DOM are calls between processes: each is read once here.
 */
import type { Bounds, DocumentFacts, DocumentMode, LayerFacts, LayerKind } from './photoshop-port.js';
import type { HostDocument, HostLayer, HostModules } from './host-modules.js';

const modes: Readonly<Record<string, DocumentMode>> = {
  RGBColorMode: 'rgb',
  grayscaleMode: 'grayscale',
  labColorMode: 'lab',
  CMYKColorMode: 'cmyk',
  indexedColorMode: 'indexed',
  bitmapMode: 'bitmap',
  multichannelMode: 'multichannel',
  duotoneMode: 'duotone',
};

const depths: Readonly<Record<string, DocumentFacts['bitDepth']>> = {
  bitDepth1: 1,
  bitDepth8: 8,
  bitDepth16: 16,
  bitDepth32: 32,
};

/** Kinds of layers by the DOM's words; what is not listed adjusts the layers below and has no pixels. */
const kinds: Readonly<Record<string, LayerKind>> = {
  pixel: 'pixel',
  smartObject: 'smartObject',
  text: 'text',
  group: 'group',
  video: 'video',
  threeD: 'threeD',
  // A shape is a fill with a vector mask, and the DOM does not tell them apart.
  solidColor: 'shape',
  gradientFill: 'shape',
  pattern: 'shape',
};

/** The blend mode that only groups have: their layers blend as if the group were not there. */
const passThrough = 'passThrough';

/** What Photoshop appends to the names of profiles in 32-bit documents, and does not take back. */
const linearSuffix = / ?\(Linear RGB Profile\)$/;

/** A profile's name as Photoshop accepts it. */
export function plainProfileName(name: string | undefined): string {
  return (name ?? '').replace(linearSuffix, '');
}

export function plainBounds({ left, top, right, bottom }: Bounds): Bounds {
  return { left, top, right, bottom };
}

/** The document of that id, when it is still open. */
export function findDocument(modules: HostModules, documentId: number): HostDocument | undefined {
  for (let index = 0; index < modules.app.documents.length; index++) {
    const document = modules.app.documents[index];
    if (document?.id === documentId) return document;
  }
  return undefined;
}

/** All layers of a document, groups before their contents, topmost first. */
export function* layersOf(layers: Iterable<HostLayer>): Generator<HostLayer> {
  for (const layer of layers) {
    yield layer;
    if (layer.kind === ('group' as HostLayer['kind'])) yield* layersOf(layer.layers ?? []);
  }
}

export function findLayer(document: HostDocument, layerId: number): HostLayer | undefined {
  for (const layer of layersOf(document.layers)) if (layer.id === layerId) return layer;
  return undefined;
}

export function documentFacts(document: HostDocument): DocumentFacts {
  // Documents without a profile throw in some versions instead of answering with an empty name.
  const profile =
    document.colorProfileType === ('none' as HostDocument['colorProfileType']) ? '' : document.colorProfileName;
  return {
    id: document.id,
    name: document.name,
    mode: modes[document.mode] ?? 'unknown',
    bitDepth: depths[document.bitsPerChannel] ?? 8,
    profile: plainProfileName(profile),
    widthPx: document.width,
    heightPx: document.height,
    historyStateId: document.activeHistoryState.id,
  };
}

export function layerFacts(document: HostDocument, layer: HostLayer): LayerFacts {
  const siblings = layer.parent?.layers ?? document.layers;
  let above: HostLayer | undefined;
  for (const sibling of siblings) {
    if (sibling.id === layer.id) break;
    above = sibling;
  }
  return {
    id: layer.id,
    name: layer.name,
    kind: layer.isBackgroundLayer ? 'background' : (kinds[layer.kind] ?? 'adjustment'),
    bounds: plainBounds(layer.boundsNoEffects),
    isClipped: layer.isClippingMask,
    isClippingBase: !layer.isClippingMask && above?.isClippingMask === true,
    isLocked: layer.allLocked || layer.pixelsLocked,
    isInLockedGroup: isInLockedGroup(layer),
    opacityPercent: layer.opacity,
    blendMode: layer.blendMode,
    isMixedWithBelow: isMixedWithBelow(layer),
  };
}

/** A group that passes through lets blend modes and adjustments of its layers reach below it. */
function isMixedWithBelow(layer: HostLayer): boolean {
  if (kinds[layer.kind] !== 'group' || (layer.blendMode as string) !== passThrough) return false;
  return [...(layer.layers ?? [])].some((child) => {
    if (!child.visible) return false;
    const blendMode: string = child.blendMode;
    if (blendMode === passThrough) return isMixedWithBelow(child);
    return blendMode !== 'normal' || (kinds[child.kind] === undefined && !child.isBackgroundLayer);
  });
}

function isInLockedGroup(layer: HostLayer): boolean {
  for (let group = layer.parent; group !== null; group = group.parent) if (group.allLocked) return true;
  return false;
}
