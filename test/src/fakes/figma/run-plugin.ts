/** Starts the packaged main side in QuickJS with a fake editor around it, and plays the window: asks, waits, listens. */
import {
  bridgeVersion,
  bundleMain,
  createManifest,
  type Answer,
  type BridgeFailure,
  type Params,
  type RequestName,
  type Selection,
  type ToUi,
} from '@deltaspace/figma-plugin';
import { FakeDocument } from './document.js';
import { FakeEditor, type EditorWish } from './figma-api.js';
import { QuickJsHost } from './quickjs-host.js';

/** Bundled once for all tests of a file. */
const code = bundleMain();

/** How the plugin is started. */
export interface StartWish extends Partial<EditorWish> {
  readonly command?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** Whether the window says hello at once; so by default. */
  readonly greets?: boolean;
}

/** A failure that the main side answered with. */
export class RequestFailed extends Error {
  readonly code: string;

  constructor({ code, message }: BridgeFailure) {
    super(message);
    this.code = code;
  }
}

/** A plugin that runs, seen from its window. */
export interface RunningPlugin {
  readonly editor: FakeEditor;
  readonly host: QuickJsHost;
  /** The answer to hello; undefined when the window did not greet. */
  readonly hello: Answer<'hello'> | undefined;
  readonly request: <N extends RequestName>(type: N, params: Params<N>) => Promise<Answer<N>>;
  /** Sends anything and waits for whatever comes next. */
  readonly sendRaw: (message: unknown) => Promise<ToUi>;
  /** The next selection that the main side tells. */
  readonly nextSelection: () => Promise<Selection>;
  readonly close: () => void;
}

/** Starts the plugin. Close it: the sandbox then tells of leaks. */
export async function startPlugin(wish: StartWish = {}): Promise<RunningPlugin> {
  const document = wish.document ?? new FakeDocument();
  const relaunchCommands = createManifest().relaunchButtons.map(({ command }) => command);
  const editor = new FakeEditor({ relaunchCommands, ...wish, document });
  const host = await QuickJsHost.open(editor.api, editor.mixed, '<p>window</p>');
  const listeners = new Set<(message: ToUi) => void>();
  editor.onMessageToUi((message) => [...listeners].forEach((listener) => listener(message as ToUi)));
  const next = (isWanted: (message: ToUi) => boolean): Promise<ToUi> =>
    new Promise((resolve) => {
      const listener = (message: ToUi): void => {
        if (!isWanted(message)) return;
        listeners.delete(listener);
        resolve(message);
      };
      listeners.add(listener);
    });
  const post = (message: unknown): void => editor.ui.onmessage?.(structuredClone(message));
  let lastId = 0;
  const request = async <N extends RequestName>(type: N, params: Params<N>): Promise<Answer<N>> => {
    const requestId = ++lastId;
    const answer = next((message) => 'requestId' in message && message.requestId === requestId);
    post({ type, requestId, params });
    const message = await answer;
    if (message.type === 'failed') throw new RequestFailed(message.failure);
    return (message as { readonly result: Answer<N> }).result;
  };
  host.run(await code);
  editor.emit('run', { command: wish.command ?? 'open', parameters: wish.parameters });
  const isOpen = editor.seen.windows.length > 0;
  return {
    editor,
    host,
    hello: isOpen && wish.greets !== false ? await request('hello', { bridgeVersion }) : undefined,
    request,
    sendRaw: (message) => {
      const answer = next(() => true);
      post(message);
      return answer;
    },
    nextSelection: async () => {
      const message = await next(({ type }) => type === 'selection');
      return (message as Extract<ToUi, { type: 'selection' }>).selection;
    },
    close: () => host.close(),
  };
}
