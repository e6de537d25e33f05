/**
 * The document of the fake Figma: plain data by id, with an undo journal of whole snapshots.
 *
 * Nodes that a plugin sees are views of this data (node-rules.ts). All of the state is here, so that a snapshot taken
 * before and one taken after an undo can be compared to the last byte. Positions are relative to the nearest frame or page,
 * as Figma has it: groups have no axes of their own.
 */
import type { Paint, Transform } from '@figma/plugin-typings/plugin-api-standalone.js';
import { layOut } from './layout.js';

export type FakeType =
  | 'BOOLEAN_OPERATION'
  | 'COMPONENT'
  | 'DOCUMENT'
  | 'FRAME'
  | 'GROUP'
  | 'INSTANCE'
  | 'PAGE'
  | 'RECTANGLE'
  | 'SLICE'
  | 'TEXT'
  | 'VECTOR';

/** Everything there is to know of a node. `settings` holds what only some types have, by Figma's names. */
export interface NodeData {
  readonly id: string;
  readonly type: FakeType;
  parentId: string | null;
  childIds: string[];
  name: string;
  visible: boolean;
  locked: boolean;
  /** Relative to the nearest frame or page. */
  transform: Transform;
  width: number;
  height: number;
  /** `mixed` stands for figma.mixed. */
  fills: readonly Paint[] | 'mixed';
  pluginData: Record<string, string>;
  relaunchData: Record<string, string>;
  settings: Record<string, unknown>;
}

export type Snapshot = readonly NodeData[];

/** What can be said of a node when it is added; the rest is as Figma creates it. */
export interface NodeWish extends Partial<Omit<NodeData, 'id' | 'type' | 'parentId' | 'childIds' | 'transform'>> {
  readonly x?: number;
  readonly y?: number;
  readonly rotationDegrees?: number;
  readonly parent?: NodeData;
}

const white: Paint = { type: 'SOLID', color: { r: 1, g: 1, b: 1 } };
const grey: Paint = { type: 'SOLID', color: { r: 0.85, g: 0.85, b: 0.85 } };

const autoLayout = {
  layoutMode: 'NONE',
  layoutWrap: 'NO_WRAP',
  primaryAxisSizingMode: 'AUTO',
  counterAxisSizingMode: 'FIXED',
  counterAxisAlignItems: 'MIN',
  itemSpacing: 0,
  counterAxisSpacing: null,
  paddingLeft: 0,
  paddingRight: 0,
  paddingTop: 0,
  paddingBottom: 0,
  clipsContent: true,
};
const corners = { topLeftRadius: 0, topRightRadius: 0, bottomLeftRadius: 0, bottomRightRadius: 0 };

/** Settings that a new node of each type has; a type without an entry has none but those of all. */
const initialSettings: Partial<Record<FakeType, Record<string, unknown>>> = {
  FRAME: { ...autoLayout, ...corners },
  COMPONENT: { ...autoLayout, ...corners },
  INSTANCE: { ...autoLayout, ...corners },
  RECTANGLE: { ...corners },
  TEXT: {
    characters: '',
    fontSize: 12,
    fontName: { family: 'Inter', style: 'Regular' },
    textAutoResize: 'WIDTH_AND_HEIGHT',
  },
};

export class FakeDocument {
  readonly #nodes = new Map<string, NodeData>();
  #lastId = 1;
  #committed: Snapshot = [];
  readonly #journal: Snapshot[] = [];
  #isDirty = true;
  readonly root: NodeData;
  readonly page: NodeData;

  constructor() {
    this.root = this.#insert('DOCUMENT', '0:0', {});
    this.page = this.addPage('Page 1');
  }

  /** Adds a page at the end. */
  addPage(name: string): NodeData {
    return this.#insert('PAGE', `0:${++this.#lastId}`, { name, parent: this.root });
  }

  /** Adds a layer on top of its parent, the first page when none is named. */
  add(type: FakeType, wish: NodeWish = {}): NodeData {
    return this.#insert(type, `1:${++this.#lastId}`, { parent: this.page, ...wish });
  }

  /** The data of a node, or undefined when it was removed. */
  find(id: string): NodeData | undefined {
    return this.#nodes.get(id);
  }

  /** The data of a node that must be there. */
  get(id: string): NodeData {
    const data = this.#nodes.get(id);
    if (data === undefined) throw new Error(`expected a node ${id}, got none`);
    return data;
  }

  children(node: NodeData): NodeData[] {
    return node.childIds.map((id) => this.get(id));
  }

  /** The nodes around a node, nearest first, page and document included. */
  around(node: NodeData): NodeData[] {
    const around: NodeData[] = [];
    for (let id = node.parentId; id !== null; id = around[around.length - 1]?.parentId ?? null)
      around.push(this.get(id));
    return around;
  }

  /** Puts a node among the children of a parent, taking it from where it is. */
  move(node: NodeData, parent: NodeData, index: number): void {
    if (node.parentId !== null) {
      const old = this.get(node.parentId);
      const from = old.childIds.indexOf(node.id);
      old.childIds.splice(from, 1);
      if (old === parent && from < index) index--;
    }
    parent.childIds.splice(index, 0, node.id);
    node.parentId = parent.id;
    this.touch();
  }

  /** Removes a node and all in it. */
  remove(node: NodeData): void {
    for (const child of this.children(node)) this.remove(child);
    if (node.parentId !== null) {
      const parent = this.get(node.parentId);
      parent.childIds = parent.childIds.filter((id) => id !== node.id);
    }
    this.#nodes.delete(node.id);
    this.touch();
  }

  /** Says that sizes and places may be others now. */
  touch(): void {
    this.#isDirty = true;
  }

  /** Brings auto-layout up to date; called before anything geometric is read. */
  settle(): void {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    layOut(this, this.root);
  }

  /** All nodes as they are now, in the order of their ids. */
  snapshot(): Snapshot {
    this.settle();
    return structuredClone([...this.#nodes.values()].sort((a, b) => (a.id < b.id ? -1 : 1)));
  }

  /** Ends an undo step, if anything changed since the last one ended. */
  commitUndo(): void {
    const now = this.snapshot();
    if (JSON.stringify(now) === JSON.stringify(this.#committed)) return;
    this.#journal.push(this.#committed);
    this.#committed = now;
  }

  /** Takes the last step back; what was not committed is a step, too. False when there is nothing to undo. */
  triggerUndo(): boolean {
    this.commitUndo();
    const before = this.#journal.pop();
    if (before === undefined) return false;
    this.#nodes.clear();
    for (const data of structuredClone(before)) this.#nodes.set(data.id, data);
    this.#committed = before;
    this.touch();
    return true;
  }

  /** Steps that can be undone. */
  get undoSteps(): number {
    return this.#journal.length;
  }

  /** Forgets the journal: the document is as the user opened it. */
  open(): void {
    this.#journal.length = 0;
    this.#committed = this.snapshot();
  }

  #insert(type: FakeType, id: string, wish: NodeWish): NodeData {
    const { x = 0, y = 0, rotationDegrees = 0, parent, settings, ...rest } = wish;
    const [cos, sin] = [Math.cos((rotationDegrees * Math.PI) / 180), Math.sin((rotationDegrees * Math.PI) / 180)];
    const data: NodeData = {
      id,
      type,
      parentId: null,
      childIds: [],
      name: type.charAt(0) + type.slice(1).toLowerCase(),
      visible: true,
      locked: false,
      transform: [
        [cos, sin, x],
        [-sin, cos, y],
      ],
      width: 100,
      height: 100,
      fills: type === 'FRAME' ? [white] : type === 'RECTANGLE' ? [grey] : [],
      pluginData: {},
      relaunchData: {},
      ...rest,
      settings: { layoutPositioning: 'AUTO', ...initialSettings[type], ...settings },
    };
    this.#nodes.set(id, data);
    if (parent !== undefined) this.move(data, parent, parent.childIds.length);
    return data;
  }
}
