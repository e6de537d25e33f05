/**
 * Nodes as a plugin sees them: views of the document's data, one per id, strict about what exists and what still is there.
 *
 * Properties are in node-rules.ts, methods here. A view outlives its node: it then only tells `removed` and `id`.
 */
import type { ExportSettingsImage, FontName } from '@figma/plugin-typings/plugin-api-standalone.js';
import { type FakeDocument, type NodeData } from './document.js';
import { absoluteBox, isSeen } from './geometry.js';
import { type FakeImages } from './images.js';
import { propertiesOf } from './node-rules.js';
import { renderNode } from './render.js';
import { asReference } from './strict.js';

/** What nodes need of the editor around them. */
export interface NodeContext {
  readonly document: FakeDocument;
  readonly images: FakeImages;
  readonly mixed: symbol;
  /** Commands for which the manifest has a relaunch button. */
  readonly relaunchCommands: readonly string[];
  readonly view: (id: string) => object;
  readonly isFontLoaded: (font: FontName) => boolean;
  /** Throws for a page whose nodes were not loaded. */
  readonly requireLoaded: (node: NodeData) => void;
  /** Throws in Dev Mode. */
  readonly requireWritable: () => void;
  readonly selectionOf: (page: NodeData) => readonly object[];
  readonly select: (page: NodeData, nodes: readonly unknown[]) => void;
}

type Method = (node: NodeData, context: NodeContext, ...args: never[]) => unknown;

/** Figma's bound for one entry of plugin data, its key included. */
const pluginDataBytes = 100_000;

const every: Readonly<Record<string, Method>> = {
  getPluginData: (node, _, key: string) => node.pluginData[key] ?? '',
  getPluginDataKeys: (node) => Object.keys(node.pluginData),
  setPluginData: (node, { requireWritable }, key: string, value: string) => {
    requireWritable();
    if (typeof value !== 'string') throw new Error('in setPluginData: Expected a string');
    if (Buffer.byteLength(key) + Buffer.byteLength(value) > pluginDataBytes)
      throw new Error('in setPluginData: The total size of the entry exceeds 100 kB');
    if (value === '') delete node.pluginData[key];
    else node.pluginData[key] = value;
  },
  getRelaunchData: (node) => ({ ...node.relaunchData }),
  setRelaunchData: (node, { requireWritable, relaunchCommands }, data: Record<string, string>) => {
    requireWritable();
    const unknown = Object.keys(data).find((command) => !relaunchCommands.includes(command));
    if (unknown !== undefined)
      throw new Error(`in setRelaunchData: "${unknown}" is no relaunch button of the manifest`);
    node.relaunchData = { ...data };
  },
};

const layer: Readonly<Record<string, Method>> = {
  ...every,
  remove: (node, { document, requireWritable }) => {
    requireWritable();
    requireOutsideInstances(document, node, 'remove');
    document.remove(node);
  },
  exportAsync: async (node, { document, images }, settings: ExportSettingsImage) => {
    if (settings.format !== 'PNG') throw new Error('the fake exports PNG only');
    if (settings.colorProfile !== 'SRGB') throw new Error('the fake exports sRGB only: say so');
    document.settle();
    if (!isSeen(document, node))
      throw new Error('in exportAsync: Failed to export node. This node may not have any visible layers.');
    const bytes = await renderNode(document, images, node, exportScale(absoluteBox(document, node), settings));
    return new Uint8Array(bytes);
  },
};

function exportScale(box: { width: number; height: number }, { constraint }: ExportSettingsImage): number {
  if (constraint === undefined) return 1;
  if (constraint.type === 'SCALE') return constraint.value;
  return constraint.value / (constraint.type === 'WIDTH' ? box.width : box.height);
}

const resizable: Readonly<Record<string, Method>> = {
  resize: (node, { document, requireWritable }, width: number, height: number) => {
    requireWritable();
    if (!(width >= 0.01 && height >= 0.01))
      throw new Error(`in resize: Expected sizes of 0.01 and more, got ${width}, ${height}`);
    [node.width, node.height] = [width, height];
    if ((node.settings['layoutMode'] ?? 'NONE') !== 'NONE')
      node.settings = { ...node.settings, primaryAxisSizingMode: 'FIXED', counterAxisSizingMode: 'FIXED' };
    document.touch();
  },
};

const parent: Readonly<Record<string, Method>> = {
  appendChild: (node, context, child: { readonly id: string }) => insert(node, context, node.childIds.length, child),
  insertChild: (node, context, index: number, child: { readonly id: string }) => insert(node, context, index, child),
};

function insert(
  node: NodeData,
  { document, requireWritable, requireLoaded }: NodeContext,
  index: number,
  child: { readonly id: string },
): void {
  requireWritable();
  requireLoaded(node);
  const data = document.get(child.id);
  if (node.type === 'INSTANCE')
    throw new Error('in insertChild: Cannot move node. New parent is an instance or is inside of an instance');
  requireOutsideInstances(document, node, 'insertChild');
  requireOutsideInstances(document, data, 'insertChild');
  if (!Number.isInteger(index) || index < 0 || index > node.childIds.length)
    throw new Error(`in insertChild: index ${index} is out of range`);
  document.move(data, node, index);
}

function requireOutsideInstances(document: FakeDocument, node: NodeData, method: string): void {
  if (document.around(node).some(({ type }) => type === 'INSTANCE'))
    throw new Error(`in ${method}: Cannot move or remove node. It is inside of an instance`);
}

function methodsOf({ type }: NodeData): Readonly<Record<string, Method>> {
  switch (type) {
    case 'DOCUMENT':
      return every;
    case 'PAGE':
      return { ...every, ...parent, loadAsync: (node, context) => loadPage(node, context) };
    case 'GROUP':
    case 'BOOLEAN_OPERATION':
      return { ...layer, ...parent };
    case 'FRAME':
    case 'COMPONENT':
    case 'INSTANCE':
      return { ...layer, ...resizable, ...parent };
    case 'SLICE':
      return { ...every, remove: layer['remove'] as Method };
    default:
      return { ...layer, ...resizable };
  }
}

const loadedPages = new WeakSet<NodeData>();

/** Whether `loadAsync` was called on a page. */
export const isLoaded = (page: NodeData): boolean => loadedPages.has(page);

function loadPage(node: NodeData, _context: NodeContext): Promise<void> {
  loadedPages.add(node);
  return Promise.resolve();
}

/** Makes the view of a node. The caller keeps one per id. */
export function createView(id: string, first: NodeData, context: NodeContext): object {
  const properties = propertiesOf[first.type];
  const methods = methodsOf(first);
  const dataFor = (key: string): NodeData => {
    const data = context.document.find(id);
    if (data === undefined) throw new Error(`in get_${key}: The node with id "${id}" does not exist`);
    return data;
  };
  return asReference(
    new Proxy(
      {},
      {
        has: (_, key) => typeof key === 'string' && (key in properties || key in methods),
        get: (_, key) => {
          if (typeof key === 'symbol' || key === 'then' || key === 'toJSON') return undefined;
          if (key === 'id') return id;
          if (key === 'removed') return context.document.find(id) === undefined;
          const method = methods[key];
          if (method !== undefined) return (...args: never[]) => method(dataFor(key), context, ...args);
          const property = properties[key];
          if (property === undefined) throw new TypeError(`${first.type}.${key} is not known to the fake Figma`);
          return property.get(dataFor(key), context);
        },
        set: (_, key, value) => {
          const property = properties[String(key)];
          if (property?.set === undefined)
            throw new TypeError(`${first.type}.${String(key)} cannot be set in the fake Figma`);
          if (key !== 'selection') context.requireWritable();
          property.set(dataFor(String(key)), value as never, context);
          return true;
        },
      },
    ),
  );
}
