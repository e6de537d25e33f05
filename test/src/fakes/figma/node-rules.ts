/**
 * What can be read from, written to and called on each type of node: tables by Figma's names.
 *
 * A name that is in no table of a type does not exist there. Rules throw what Figma throws, in its manner of saying, where the
 * plugin could run into it.
 */
import type { Paint, Transform } from '@figma/plugin-typings/plugin-api-standalone.js';
import { type FakeType, type NodeData } from './document.js';
import { absoluteBox, absoluteTransform, isSeen } from './geometry.js';
import { type NodeContext } from './nodes.js';
import { deepFreeze } from './strict.js';

/** How one property behaves. Without `set` it is read-only. */
export interface Property {
  readonly get: (node: NodeData, context: NodeContext) => unknown;
  readonly set?: (node: NodeData, value: never, context: NodeContext) => void;
}

type Properties = Readonly<Record<string, Property>>;

const plain = <K extends 'name' | 'visible' | 'locked'>(key: K): Property => ({
  get: (node) => node[key],
  set: (node, value: NodeData[K]) => {
    node[key] = value;
  },
});

/** A property of the settings. Some are bound to a list of values, or to numbers from zero. */
const setting = (key: string, allowed?: readonly unknown[] | 'size'): Property => ({
  get: (node, { document }) => (document.settle(), node.settings[key]),
  set: (node, value: unknown, { document }) => {
    const isFine =
      allowed === undefined || (allowed === 'size' ? typeof value === 'number' && value >= 0 : allowed.includes(value));
    if (!isFine) throw new Error(`in set_${key}: Property "${key}" failed validation: ${JSON.stringify(value)}`);
    node.settings[key] = value;
    document.touch();
  },
});

const syncGetter = (name: string, instead: string): Property => ({
  get: () => {
    throw new Error(`in get_${name}: Cannot call with documentAccess: dynamic-page. Use ${instead} instead.`);
  },
});

const every: Properties = {
  id: { get: ({ id }) => id },
  type: { get: ({ type }) => type },
  name: plain('name'),
  removed: { get: () => false },
  parent: { get: ({ parentId }, { view }) => (parentId === null ? null : view(parentId)) },
};

const coordinate = (axis: 0 | 1): Property => ({
  get: (node, { document }) => (document.settle(), node.transform[axis][2]),
  set: (node, value: number, { document }) => {
    requireFinite(axis === 0 ? 'x' : 'y', value);
    const rows = node.transform.map((row) => [...row]) as unknown as [
      [number, number, number],
      [number, number, number],
    ];
    rows[axis][2] = value;
    node.transform = rows;
    document.touch();
  },
});

/** Groups have the size of what is in them. */
const extent = (side: 'width' | 'height'): Property => ({
  get: (node, { document }) => {
    document.settle();
    return node.type === 'GROUP' ? absoluteBox(document, node)[side] : node[side];
  },
});

const layer: Properties = {
  ...every,
  visible: plain('visible'),
  locked: plain('locked'),
  x: coordinate(0),
  y: coordinate(1),
  width: extent('width'),
  height: extent('height'),
  relativeTransform: {
    get: (node, { document }) => (document.settle(), deepFreeze(structuredClone(node.transform))),
    set: (node, value: Transform, { document }) => {
      value.flat().forEach((number) => requireFinite('relativeTransform', number));
      node.transform = structuredClone(value);
      document.touch();
    },
  },
  absoluteTransform: { get: (node, { document }) => (document.settle(), absoluteTransform(document, node)) },
  absoluteBoundingBox: { get: (node, { document }) => (document.settle(), absoluteBox(document, node)) },
  absoluteRenderBounds: {
    get: (node, { document }) => (document.settle(), isSeen(document, node) ? absoluteBox(document, node) : null),
  },
  layoutPositioning: {
    get: (node) => node.settings['layoutPositioning'],
    set: (node, value: unknown, { document }) => {
      const parent = document.get(node.parentId as string);
      if ((parent.settings['layoutMode'] ?? 'NONE') === 'NONE')
        throw new Error('in set_layoutPositioning: Can only set layoutPositioning on a child of an auto-layout frame');
      node.settings['layoutPositioning'] = value;
      document.touch();
    },
  },
};

const filled: Properties = {
  fills: {
    get: ({ fills }, { mixed }) => (fills === 'mixed' ? mixed : deepFreeze(structuredClone(fills))),
    set: (node, value: readonly Paint[], { images }) => {
      if (!Array.isArray(value)) throw new Error('in set_fills: Expected an array');
      for (const paint of value as Paint[]) checkPaint(paint, (hash) => images.get(hash) !== null);
      node.fills = structuredClone(value);
    },
  },
  fillStyleId: {
    get: () => '',
    set: () => {
      throw new Error('in set_fillStyleId: Cannot call with documentAccess: dynamic-page. Use setFillStyleIdAsync.');
    },
  },
};

const rounded: Properties = {
  topLeftRadius: setting('topLeftRadius', 'size'),
  topRightRadius: setting('topRightRadius', 'size'),
  bottomLeftRadius: setting('bottomLeftRadius', 'size'),
  bottomRightRadius: setting('bottomRightRadius', 'size'),
};

const parentRule: Properties = {
  children: {
    get: (node, { document, view, requireLoaded }) => {
      requireLoaded(node);
      return Object.freeze(document.children(node).map(({ id }) => view(id)));
    },
  },
};

const frame: Properties = {
  ...layer,
  ...filled,
  ...rounded,
  ...parentRule,
  clipsContent: setting('clipsContent', [true, false]),
  layoutMode: setting('layoutMode', ['NONE', 'HORIZONTAL', 'VERTICAL']),
  layoutWrap: {
    ...setting('layoutWrap'),
    set: (node, value: unknown, { document }) => {
      if (value === 'WRAP' && node.settings['layoutMode'] !== 'HORIZONTAL')
        throw new Error('in set_layoutWrap: Can only set layoutWrap on a node with layoutMode = "HORIZONTAL"');
      node.settings['layoutWrap'] = value;
      document.touch();
    },
  },
  primaryAxisSizingMode: setting('primaryAxisSizingMode', ['AUTO', 'FIXED']),
  counterAxisSizingMode: setting('counterAxisSizingMode', ['AUTO', 'FIXED']),
  counterAxisAlignItems: setting('counterAxisAlignItems', ['MIN', 'CENTER', 'MAX']),
  itemSpacing: setting('itemSpacing', 'size'),
  counterAxisSpacing: {
    ...setting('counterAxisSpacing', 'size'),
    set: (node, value: unknown, { document }) => {
      if (node.settings['layoutWrap'] !== 'WRAP')
        throw new Error(
          'in set_counterAxisSpacing: Can only set counterAxisSpacing on a node with layoutWrap = "WRAP"',
        );
      node.settings['counterAxisSpacing'] = value;
      document.touch();
    },
  },
  paddingLeft: setting('paddingLeft', 'size'),
  paddingRight: setting('paddingRight', 'size'),
  paddingTop: setting('paddingTop', 'size'),
  paddingBottom: setting('paddingBottom', 'size'),
};

/** Text can be set in a font that was loaded, and in no other. */
const textSetting = (key: string): Property => ({
  get: (node, { document }) => (document.settle(), node.settings[key]),
  set: (node, value: unknown, { document, isFontLoaded }) => {
    const font = (key === 'fontName' ? value : node.settings['fontName']) as { family: string; style: string };
    if (!isFontLoaded(font))
      throw new Error(`in set_${key}: Cannot write to node with unloaded font "${font.family} ${font.style}"`);
    node.settings[key] = structuredClone(value);
    document.touch();
  },
});

const text: Properties = {
  ...layer,
  ...filled,
  characters: textSetting('characters'),
  fontName: textSetting('fontName'),
  fontSize: textSetting('fontSize'),
  textAutoResize: textSetting('textAutoResize'),
};

const page: Properties = {
  ...every,
  ...parentRule,
  selection: {
    get: (node, { selectionOf }) => selectionOf(node),
    set: (node, value: readonly unknown[], { select }) => select(node, value),
  },
};

/** The tables by type. */
export const propertiesOf: Readonly<Record<FakeType, Properties>> = {
  BOOLEAN_OPERATION: { ...layer, ...filled, ...parentRule },
  COMPONENT: frame,
  DOCUMENT: { ...every, ...parentRule },
  FRAME: frame,
  GROUP: { ...layer, ...parentRule },
  INSTANCE: { ...frame, mainComponent: syncGetter('mainComponent', 'node.getMainComponentAsync()') },
  PAGE: page,
  RECTANGLE: { ...layer, ...filled, ...rounded },
  SLICE: layer,
  TEXT: text,
  VECTOR: { ...layer, ...filled },
};

function requireFinite(name: string, value: unknown): void {
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new Error(`in set_${name}: Expected a finite number, got ${String(value)}`);
}

const paintFields = {
  common: ['type', 'visible', 'opacity', 'blendMode'],
  SOLID: ['color'],
  IMAGE: ['scaleMode', 'imageHash', 'imageTransform', 'scalingFactor', 'rotation', 'filters'],
  VIDEO: ['scaleMode', 'videoHash'],
} as const;

function checkPaint(paint: Paint, hasImage: (hash: string) => boolean): void {
  const own = paintFields[paint.type as 'SOLID' | 'IMAGE' | 'VIDEO'] as readonly string[] | undefined;
  const unknown = Object.keys(paint).find((key) => ![...paintFields.common, ...(own ?? [])].includes(key));
  if (own === undefined || unknown !== undefined)
    throw new Error(`in set_fills: Unrecognized ${unknown ?? paint.type} in a paint`);
  if (paint.type !== 'IMAGE') return;
  if (!['FILL', 'FIT', 'CROP', 'TILE'].includes(paint.scaleMode)) throw new Error('in set_fills: Invalid scaleMode');
  if (paint.imageHash !== null && !hasImage(paint.imageHash)) throw new Error('in set_fills: no image of this hash');
}
