/**
 * Whether a value that arrived is one of our messages. Cheap: one look at each field, none into the pixels.
 *
 * Not a schema library: the main side is parsed by Figma at every start and has to stay small. Both halves come from one build, so
 * that this guards against other senders and stale halves, not against each other's bugs.
 */
import { boardLabels, type BoardLayout } from './board.js';
import { type Json } from './json.js';
import { bridgeLimits } from './limits.js';
import { type RequestName, type ToMain, type ToUi } from './messages.js';

type Check = (value: unknown) => boolean;
type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
const text =
  (characters: number): Check =>
  (value) =>
    typeof value === 'string' && value.length <= characters;
const oneOf =
  (...words: readonly unknown[]): Check =>
  (value) =>
    words.includes(value);
const listOf =
  (check: Check, most: number): Check =>
  (value) =>
    Array.isArray(value) && value.length <= most && value.every(check);
const isIndex: Check = (value) => Number.isInteger(value) && (value as number) >= 0;
const isSize: Check = (value) => typeof value === 'number' && Number.isFinite(value) && value > 0;
const isId: Check = (value) => text(bridgeLimits.idCharacters)(value) && value !== '';
const isLabel = text(bridgeLimits.labelCharacters);
const isKey: Check = (value) =>
  typeof value === 'string' && /^[a-z][a-zA-Z0-9.-]*$/.test(value) && value.length <= bridgeLimits.storageKeyCharacters;
const isImage: Check = (value) =>
  value instanceof Uint8Array && value.length > 0 && value.length <= bridgeLimits.imageBytes;
const isIds = listOf(isId, bridgeLimits.targets);

/** Whether JSON can say a value. Depth is bounded by the stack of the sender's copy. */
export function isJson(value: unknown): value is Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return isObject(value) && Object.values(value).every(isJson);
}

const isRecipe: Check = (value) => isObject(value) && isJson(value);
const isLabels = listOf(isLabel, bridgeLimits.boardCells);

const isLayout: Check = (value) => {
  if (!isObject(value)) return false;
  const lists = {
    grid: [value['rows'], value['columns']],
    strip: [value['steps']],
    mix: [value['contents'], value['styles']],
  };
  const kind = value['kind'];
  if (kind !== 'grid' && kind !== 'strip' && kind !== 'mix') return false;
  if (!lists[kind].every(isLabels)) return false;
  const { rows, columns } = boardLabels(value as BoardLayout);
  const cells = rows.length * columns.length;
  return cells >= 1 && cells <= bridgeLimits.boardCells;
};

const result = { targetId: isId, sourceKey: isId, image: isImage, recipe: isRecipe, label: isLabel };

/** What each request must hold; a name with a question mark may be left out. */
const requests: Readonly<Record<RequestName, Readonly<Record<string, Check>>>> = {
  hello: { bridgeVersion: isIndex },
  capture: { targetId: isId, from: oneOf('current', 'original') },
  apply: result,
  restore: { targetIds: isIds },
  recipe: { targetId: isId },
  'board.open': { targetId: isId, title: isLabel, layout: isLayout },
  'board.cell': {
    boardId: isId,
    row: isIndex,
    column: isIndex,
    image: isImage,
    recipe: (value) => value === null || isRecipe(value),
  },
  'board.place': { boardId: isId },
  'board.drop': { boardId: isId },
  'batch.open': { undo: oneOf('once', 'each') },
  'batch.apply': { ...result, batchId: isId },
  'batch.close': { batchId: isId, outcome: oneOf('keep', 'revert') },
  reveal: { targetIds: isIds },
  'storage.read': { key: isKey },
  'storage.write': { key: isKey, value: isJson },
  'storage.remove': { key: isKey },
  notify: { text: (value) => typeof value === 'string', tone: oneOf('plain', 'error') },
  resize: { widthPx: isSize, heightPx: isSize },
  show: {},
  close: { 'message?': (value) => value === undefined || typeof value === 'string' },
};

/** A message that was understood, or what is wrong with it. `requestId` is there when an answer can be sent at all. */
export type Reading<M> =
  | { readonly ok: true; readonly message: M }
  | { readonly ok: false; readonly problem: string; readonly requestId?: number };

/** Reads a message of the UI. Fields that are not known are ignored. */
export function readToMain(value: unknown): Reading<ToMain> {
  if (!isObject(value)) return { ok: false, problem: `expected a message, got ${typeof value}` };
  const { type, requestId, params } = value;
  if (!isIndex(requestId)) return { ok: false, problem: 'expected requestId, a whole number' };
  const known = { ok: false, requestId: requestId as number } as const;
  if (typeof type !== 'string' || !Object.prototype.hasOwnProperty.call(requests, type))
    return { ...known, problem: `expected a request of bridge/messages.ts, got ${String(type)}` };
  if (!isObject(params)) return { ...known, problem: `${type}: expected params` };
  for (const [field, check] of Object.entries(requests[type as RequestName])) {
    const name = field.replace('?', '');
    if (!check(params[name])) return { ...known, problem: `${type}: ${name} is missing, malformed or too large` };
  }
  return { ok: true, message: value as unknown as ToMain };
}

/** Reads a message of the main side. */
export function readToUi(value: unknown): Reading<ToUi> {
  if (!isObject(value)) return { ok: false, problem: `expected a message, got ${typeof value}` };
  const { type, requestId, failure, selection } = value;
  const good =
    (type === 'done' && isIndex(requestId) && isObject(value['result'])) ||
    (type === 'failed' && isIndex(requestId) && isObject(failure) && typeof failure['message'] === 'string') ||
    (type === 'selection' && isObject(selection) && Array.isArray(selection['targets']));
  if (!good) return { ok: false, problem: `expected a message of bridge/messages.ts, got type ${String(type)}` };
  return { ok: true, message: value as unknown as ToUi };
}
