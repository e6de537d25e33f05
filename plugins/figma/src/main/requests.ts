/** Answers the UI: one function per request, in the order of bridge/messages.ts. */
import {
  bridgeLimits,
  bridgeVersion,
  readToMain,
  type Answer,
  type Launch,
  type Params,
  type RequestName,
  type ToUi,
} from '../bridge/index.js';
import { prepareResult } from './apply.js';
import { Batches } from './batches.js';
import { Boards } from './boards.js';
import { capture } from './capture.js';
import { MainFailure, toFailure } from './failure.js';
import { layerById, pageOf } from './layers.js';
import { recipeOf } from './marks.js';
import { restore } from './restore.js';
import { readStored, removeStored, writeStored } from './storage.js';
import { currentSelection } from './targets.js';
import { asOneUndo } from './undo.js';
import { notify } from './window.js';

type Handlers = { readonly [N in RequestName]: (params: Params<N>) => Answer<N> | Promise<Answer<N>> };

/** Requests after which a layer may be described differently. A batch tells it once, when it ends: describing takes time. */
const changing: ReadonlySet<RequestName> = new Set<RequestName>(['apply', 'restore', 'batch.close', 'board.place']);

/** The handlers of one run of the plugin. */
function createHandlers(launch: Launch, hooks: RunHooks): Handlers {
  const boards = new Boards();
  const batches = new Batches();
  return {
    hello: (params) => {
      if (params.bridgeVersion !== bridgeVersion) throw new MainFailure('bridge_version');
      return { launch, selection: currentSelection() };
    },
    capture: ({ targetId, from }) => capture(targetId, from),
    apply: async (result) => ({ nodeId: asOneUndo(await prepareResult(result, true)).nodeId }),
    restore: ({ targetIds }) => restore(targetIds),
    recipe: async ({ targetId }) => ({ recipe: recipeOf(await layerById(targetId)) }),
    'board.open': (params) => boards.open(params),
    'board.cell': (params) => (boards.addCell(params), {}),
    'board.place': ({ boardId }) => boards.place(boardId),
    'board.drop': ({ boardId }) => (boards.drop(boardId), {}),
    'batch.open': (params) => batches.open(params),
    'batch.apply': (params) => batches.apply(params),
    'batch.close': (params) => batches.close(params),
    reveal: ({ targetIds }) => reveal(targetIds),
    'storage.read': async ({ key }) => ({ value: await readStored(key) }),
    'storage.write': async ({ key, value }) => (await writeStored(key, value), {}),
    'storage.remove': async ({ key }) => (await removeStored(key), {}),
    notify: ({ text, tone }) => (notify(text, tone), {}),
    resize: ({ widthPx, heightPx }) => (figma.ui.resize(withinWindow(widthPx), withinWindow(heightPx)), {}),
    show: () => (figma.ui.show(), {}),
    close: ({ message }) => (hooks.closing(), figma.closePlugin(message), {}),
  };
}

const withinWindow = (sizePx: number): number =>
  Math.round(Math.min(Math.max(sizePx, bridgeLimits.window.minimumPx), bridgeLimits.window.maximumPx));

async function reveal(targetIds: readonly string[]): Promise<Answer<'reveal'>> {
  const nodes = await Promise.all(targetIds.map(layerById));
  const [first] = nodes;
  if (first !== undefined && pageOf(first).id !== figma.currentPage.id) await figma.setCurrentPageAsync(pageOf(first));
  const here = nodes.filter((node) => !node.removed && pageOf(node).id === figma.currentPage.id);
  figma.currentPage.selection = here;
  figma.viewport.scrollAndZoomIntoView(here);
  return {};
}

/** What the rest of the main side wants to know. */
export interface RunHooks {
  /** Layers are described differently by now. */
  changed(): void;
  /** The plugin ends: nothing of Figma may be used from here on, by no timer either. */
  closing(): void;
}

/** Answers every message of the UI. */
export function answerUi(launch: Launch, hooks: RunHooks): (value: unknown) => Promise<void> {
  const handlers = createHandlers(launch, hooks);
  const send = (message: ToUi): void => figma.ui.postMessage(message);
  return async (value) => {
    const reading = readToMain(value);
    if (!reading.ok) {
      if (reading.requestId === undefined) return console.error(reading.problem);
      const failure = { code: 'message_invalid', message: reading.problem } as const;
      return send({ type: 'failed', requestId: reading.requestId, failure });
    }
    const { type, requestId, params } = reading.message;
    try {
      const handle = handlers[type] as (params: unknown) => Answer<RequestName> | Promise<Answer<RequestName>>;
      const result = await handle(params);
      if (type === 'close') return;
      send({ type: 'done', requestId, result });
    } catch (error) {
      send({ type: 'failed', requestId, failure: toFailure(error) });
    }
    if (changing.has(type)) hooks.changed();
  };
}
