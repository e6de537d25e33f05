/**
 * `app.documents` and what hangs on it: documents and layers as the DOM shows them. Each getter looks at the present state.
 */
import { find, insertAbove, insertNew, newLayer, replaceLayer, type LayerState } from './document-state.js';
import type { Modality } from './modality.js';
import type { OpenDocument } from './open-document.js';
import { nothing } from './samples.js';
import { strict } from './strict.js';
import { visibleBounds } from './visible-bounds.js';

const modeNames = {
  rgb: 'RGBColorMode',
  grayscale: 'grayscaleMode',
  lab: 'labColorMode',
  cmyk: 'CMYKColorMode',
  indexed: 'indexedColorMode',
} as const;

const depthNames = { 8: 'bitDepth8', 16: 'bitDepth16', 32: 'bitDepth32' } as const;

export function domDocument(document: OpenDocument, modality: Modality): object {
  const layerOf = (id: number): object => domLayer(document, id, modality);
  const members = {
    get id() { return document.id; },
    get name() { return document.header.name; },
    get mode() { return modeNames[document.header.mode]; },
    get bitsPerChannel() { return depthNames[document.header.depth]; },
    get width() { return document.header.width; },
    get height() { return document.header.height; },
    get colorProfileType() { return document.header.profile === '' ? 'none' : 'customEnum'; },
    get colorProfileName() {
      if (document.header.profile === '') throw new Error('this document has no profile');
      return document.header.profile;
    },
    get activeHistoryState() { return strict({ id: document.activeEntry.id, name: document.activeEntry.name }, 'HistoryState'); },
    get layers() { return document.state.layers.map(({ id }) => layerOf(id)); },
    get activeLayers() { return document.state.activeIds.map(layerOf); },
    get selection() { return strict({ bounds: document.state.selection?.bounds ?? null }, 'Selection'); },
    async createPixelLayer({ name }: { name?: string } = {}) {
      await Promise.resolve();
      modality.touch();
      const layer = newLayer(document.takeLayerId(), name ?? 'Layer');
      document.write('New Layer', (state) => ({
        ...state,
        layers: insertNew(state, layer),
        activeIds: [layer.id],
      }));
      return layerOf(layer.id);
    },
  }; // prettier-ignore
  return strict(members, 'Document');
}

function domLayer(document: OpenDocument, id: number, modality: Modality): object {
  const place = () => {
    const found = find(document.state, id);
    if (found === undefined) throw new Error(`layer ${id} does not exist any more`);
    return found;
  };
  const own = (): LayerState => place().layer;
  const set = (what: string, parts: Partial<LayerState>): void => {
    modality.touch();
    document.write(what, (state) => ({
      ...state,
      layers: replaceLayer(state.layers, own().id, (layer) => ({ ...layer, ...parts })),
    }));
  };
  const members = {
    get id() { return id; },
    get name() { return own().name; },
    set name(name: string) { set('Rename', { name }); },
    get kind() { return own().kind; },
    get isBackgroundLayer() { return own().isBackground; },
    get visible() { return own().isVisible; },
    get boundsNoEffects() { return visibleBounds(own()); },
    get isClippingMask() { return own().isClipped; },
    set isClippingMask(isClipped: boolean) { set('Clipping Mask', { isClipped }); },
    get allLocked() { return own().isLocked; },
    get pixelsLocked() { return own().isLocked; },
    get opacity() { return (own().opacity * 100) / 255; },
    get blendMode() { return own().blendMode; },
    get parent() {
      const { parent } = place();
      return parent === undefined ? null : domLayer(document, parent.id, modality);
    },
    get layers() {
      return own().children?.map((child) => domLayer(document, child.id, modality)) ?? null;
    },
    move(target: { id: number }, placement: string) {
      modality.touch();
      if (placement !== 'placeBefore') throw new Error(`the fake Photoshop does not know the placement ${placement}`);
      document.write('Move Layer', (state) => {
        const moved = own();
        return { ...state, layers: insertAbove(replaceLayer(state.layers, id, () => undefined), moved, target.id) };
      });
    },
  }; // prettier-ignore
  return strict(members, 'Layer');
}

export const emptyBounds = nothing;
