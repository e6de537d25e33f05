/// <reference lib="dom" />
/**
 * The page side of the panel's tests: the fake Photoshop, UXP's gaps and widgets, and the plugin's own bundle, in one page of a
 * browser as they are in one script engine in Photoshop. Bundled and loaded by `open-panel.ts`; `panelHost` is what tests
 * call from outside.
 */
import type { Manifest } from '@deltaspace/photoshop-plugin';
import { find, replaceLayer, walk } from '../photoshop/document-state.js';
import { FakePhotoshop, type RecordedStep } from '../photoshop/fake-photoshop.js';
import { FakeUxp } from '../photoshop/fake-uxp.js';
import type { OpenDocument } from '../photoshop/open-document.js';
import type { Bounds } from '../photoshop/samples.js';
import { defineWidgets } from './spectrum-widgets.js';
import { hiddenFromPlugin, livePictures, makeGaps } from './uxp-gaps.js';

export interface LayerSummary {
  readonly id: number;
  readonly name: string;
  readonly bounds: Bounds | undefined;
  readonly isClipped: boolean;
  readonly hasMask: boolean;
}

export interface LoadOptions {
  readonly manifest: Manifest;
  readonly script: string;
  readonly ports: { listed: number; actual: number };
  readonly openPanel: boolean;
  /** What the secure storage holds already. */
  readonly secrets: readonly (readonly [string, string])[];
  /** The action that is there already. */
  readonly recorded: readonly RecordedStep[];
}

const photoshop = new FakePhotoshop(globalThis);
const uxp = new FakeUxp();
const documents = new Map<number, OpenDocument>();

function documentOf(id: number): OpenDocument {
  const document = documents.get(id);
  if (document === undefined) throw new Error(`the test has no document ${id}`);
  return document;
}

const panelHost = {
  load({ manifest, script, ports, openPanel, secrets, recorded }: LoadOptions): void {
    for (const [key, value] of secrets) uxp.secrets.set(key, value);
    photoshop.recorded.push(...recorded);
    defineWidgets();
    makeGaps({ manifest, ports });
    const modules: Readonly<Record<string, object>> = { photoshop: photoshop.modules, uxp: uxp.module };
    const require = (name: string): object => {
      const found = modules[name];
      if (found === undefined) throw new Error(`UXP has no module "${name}"`);
      return found;
    };
    const element = document.createElement('script');
    const hidden = hiddenFromPlugin.join(', ');
    element.textContent = `globalThis.runPlugin = function (require, module, exports, ${hidden}) {\n${script}\n};`;
    document.head.append(element);
    element.remove();
    (globalThis as unknown as { runPlugin(...parts: object[]): void }).runPlugin(require, { exports: {} }, {});
    if (openPanel) this.openPanel();
  },
  openPanel(): void {
    const [panel] = Object.values(uxp.entryPoints!.panels!);
    panel!.create(document.body);
  },
  runCommand: (id: string): Promise<void> => uxp.entryPoints!.commands![id]!(),
  open(file: Uint8Array, name: string, layerName: string): number {
    const document = photoshop.openFile(file, name);
    documents.set(document.id, document);
    const layer = [...walk(document.state.layers)].find((found) => found.layer.name === layerName)?.layer;
    if (layer === undefined) throw new Error(`${name} has no layer "${layerName}"`);
    document.changeByUser('Select', (state) => ({ ...state, activeIds: [layer.id] }));
    return document.id;
  },
  save: (id: number): Uint8Array => photoshop.save(documentOf(id)),
  close: (id: number): void => photoshop.close(documentOf(id)),
  undo: (id: number): void => documentOf(id).undo(),
  history: (id: number): string[] => documentOf(id).history.map(({ name }) => name),
  layers: (id: number): LayerSummary[] =>
    [...walk(documentOf(id).state.layers)].map(({ layer }) => ({
      id: layer.id,
      name: layer.name,
      bounds: layer.raster?.bounds,
      isClipped: layer.isClipped,
      hasMask: layer.mask !== undefined,
    })),
  activeLayers: (id: number): readonly number[] => documentOf(id).state.activeIds,
  select(id: number, layerId: number): void {
    documentOf(id).changeByUser('Select', (state) => ({ ...state, activeIds: [layerId] }));
  },
  selectArea(id: number, bounds: Bounds): void {
    const area = (bounds.right - bounds.left) * (bounds.bottom - bounds.top);
    const selection = { bounds, samples: new Uint8Array(area).fill(255) };
    documentOf(id).changeByUser('Select Area', (state) => ({ ...state, selection }));
  },
  deleteLayer(id: number, layerId: number): void {
    if (find(documentOf(id).state, layerId) === undefined) throw new Error(`there is no layer ${layerId}`);
    documentOf(id).changeByUser('Delete Layer', (state) => ({
      ...state,
      layers: replaceLayer(state.layers, layerId, () => undefined),
      activeIds: state.activeIds.filter((other) => other !== layerId),
    }));
  },
  playAction: (): Promise<void> => photoshop.playAction(),
  recorded: () => photoshop.recorded,
  alerts: (): readonly string[] => photoshop.alerts,
  /** Names of the modal scopes so far, and whether one is open now. */
  scopes: (): readonly string[] => photoshop.modality.scopes,
  isModal: (): boolean => photoshop.modality.isModal,
  leaks: () => ({ imageData: photoshop.images.undisposed, pictures: livePictures.size }),
  secrets: (): [string, string][] => [...uxp.secrets],
  setTheme(variables: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(variables)) document.documentElement.style.setProperty(name, value);
  },
};

export type PanelHost = typeof panelHost;
Object.assign(globalThis, { panelHost });
