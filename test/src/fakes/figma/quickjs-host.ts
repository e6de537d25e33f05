/**
 * Runs a plugin's script in QuickJS, an engine of the kind that Figma's sandbox is, against a fake `figma`.
 *
 * The sandbox has the language and what `globals` gives it, nothing of Node or a browser. Values cross as in wire.ts.
 * Every entry is bounded in what it computes, so that a loop over pixels fails; closing fails when the script or this file
 * left something behind.
 */
import { fileURLToPath } from 'node:url';
import { bundleScript } from '@deltaspace/figma-plugin';
import { getQuickJS, type QuickJSContext, type QuickJSHandle } from 'quickjs-emscripten';
import { isReference } from './strict.js';
import { fromWire, toWire, type Names, type Wire } from './wire.js';

/**
 * How much the script may compute without pause: QuickJS asks after every 10,000 calls and rounds of loops. Counted, not
 * timed, so that a busy machine fails no test. Figma has no such bound; its users have.
 */
const mostInterruptChecks = 100;
/** Most memory of the sandbox: the plugin holds one image of a batch at a time. */
const memoryLimitBytes = 256 * 1024 * 1024;

/** Beside this file: a source in tests, compiled where scripts run from `dist`. */
const preludeFile = `./sandbox-prelude${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`;
const prelude = bundleScript(fileURLToPath(new URL(preludeFile, import.meta.url)));

/** A line that the script wrote to its console. */
export interface ConsoleLine {
  readonly level: 'log' | 'warn' | 'error';
  readonly text: string;
}

export class QuickJsHost {
  readonly consoleLines: ConsoleLine[] = [];
  readonly #context: QuickJSContext;
  readonly #things = new Map<number, object>();
  readonly #ids = new WeakMap<object, number>();
  readonly #mixed: symbol;
  readonly #timers = new Map<number, NodeJS.Timeout>();
  #bridge: QuickJSHandle | undefined;
  #buffers: Uint8Array[] = [];
  #lastId = 0;
  #lastPromiseId = 0;
  #lastTimerId = 0;
  #isOpen = true;

  private constructor(context: QuickJSContext, mixed: symbol) {
    this.#context = context;
    this.#mixed = mixed;
  }

  /** Opens a sandbox with Figma's globals. `html` is what the script finds as `__html__`. */
  static async open(figma: object, mixed: symbol, html: string): Promise<QuickJsHost> {
    const context = (await getQuickJS()).newContext();
    context.runtime.setMemoryLimit(memoryLimitBytes);
    const host = new QuickJsHost(context, mixed);
    const globals = { figma, __html__: html, ...host.#timerGlobals(), console: host.#console() };
    host.#things.set(0, { globals });
    host.#openDoor();
    host.run(await prelude);
    host.#things.delete(0);
    host.#bridge = context.getProp(context.global, 'bridge');
    host.run('delete globalThis.bridge;');
    return host;
  }

  /** Evaluates a script, and what it left to be done at once. */
  run(script: string): void {
    this.#enter(() => this.#context.unwrapResult(this.#context.evalCode(script, 'code.js')).dispose());
  }

  /** The value of an expression that JSON can say. */
  evaluate(expression: string): unknown {
    const handle = this.#context.unwrapResult(this.#context.evalCode(expression));
    const value: unknown = this.#context.dump(handle);
    handle.dispose();
    return value;
  }

  /** Closes the sandbox. Promises that settle later are ignored. */
  close(): void {
    this.#isOpen = false;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#bridge?.dispose();
    this.#context.dispose(); // with its runtime, which aborts when a handle is left
  }

  /** Everything that runs the script goes through here. */
  #enter(action: () => void): void {
    if (!this.#isOpen) return;
    const { runtime } = this.#context;
    let checks = 0;
    runtime.setInterruptHandler(() => ++checks > mostInterruptChecks);
    action();
    const pending = runtime.executePendingJobs();
    if (pending.error !== undefined) this.#context.unwrapResult(pending);
  }

  #openDoor(): void {
    const context = this.#context;
    const hostCall = context.newFunction('hostCall', (request, ...buffers) => {
      const bytes = buffers.map((handle) => {
        const lifetime = context.getArrayBuffer(handle);
        const copy = lifetime.value.slice();
        lifetime.dispose();
        return copy;
      });
      return context.newString(this.#answer(context.getString(request), bytes));
    });
    const hostBuffer = context.newFunction('hostBuffer', (index) => {
      const bytes = this.#buffers[context.getNumber(index)] as Uint8Array;
      return context.newArrayBuffer(bytes.slice().buffer);
    });
    context.setProp(context.global, 'hostCall', hostCall);
    context.setProp(context.global, 'hostBuffer', hostBuffer);
    hostCall.dispose();
    hostBuffer.dispose();
  }

  /** Does what the sandbox asks for. Errors become part of the answer. */
  #answer(request: string, bytes: readonly Uint8Array[]): string {
    const [operation, id, wires] = JSON.parse(request) as [string, number, Wire[]];
    let isGood = true;
    let value: unknown;
    try {
      const args = wires.map((wire) => fromWire(wire, this.#names, bytes));
      value = this.#operate(operation, this.#things.get(id) as object, args);
    } catch (error) {
      isGood = false;
      value = error instanceof Error ? error.message : String(error);
    }
    const buffers: Uint8Array[] = [];
    const wire = toWire(value, this.#names, buffers);
    this.#buffers = buffers;
    return JSON.stringify([isGood, wire, buffers.length]);
  }

  #operate(operation: string, thing: object, [first, second]: readonly unknown[]): unknown {
    if (operation === 'get') return Reflect.get(thing, first as string);
    if (operation === 'has') return Reflect.has(thing, first as string);
    if (operation === 'set') return Reflect.set(thing, first as string, second);
    return (thing as (...args: unknown[]) => unknown)(...(first as unknown[]));
  }

  readonly #names: Names = {
    nameOf: (value) => {
      if (value === this.#mixed) return ['mixed'];
      if (value instanceof Promise) return ['promise', this.#follow(value)];
      if (typeof value === 'function') return ['host', this.#idOf(value), true];
      if (typeof value === 'object' && value !== null && isReference(value)) return ['host', this.#idOf(value), false];
      return undefined;
    },
    thingOf: (tag, [id]) => {
      if (tag === 'mixed') return this.#mixed;
      if (tag === 'host') return this.#things.get(id as number);
      if (tag === 'sandbox') return (...args: unknown[]) => this.#invoke('invoke', id as number, args);
      throw new Error(`unknown tag ${tag}`);
    },
  };

  #idOf(thing: object): number {
    const known = this.#ids.get(thing);
    if (known !== undefined) return known;
    const id = ++this.#lastId;
    this.#ids.set(thing, id);
    this.#things.set(id, thing);
    return id;
  }

  /** Settles the sandbox's promise when the host's does. */
  #follow(promise: Promise<unknown>): number {
    const id = ++this.#lastPromiseId;
    promise.then(
      (value) => this.#invoke('settle', id, value, true),
      (error: unknown) => this.#invoke('settle', id, error instanceof Error ? error.message : String(error), false),
    );
    return id;
  }

  #invoke(method: 'invoke' | 'settle', id: number, value: unknown, isGood = true): void {
    this.#enter(() => {
      const context = this.#context;
      const buffers: Uint8Array[] = [];
      const wire = toWire(value, this.#names, buffers);
      this.#buffers = buffers;
      const args = [id, ...(method === 'settle' ? [isGood] : []), JSON.stringify(wire), buffers.length];
      const handles = args.map((arg) =>
        typeof arg === 'number'
          ? context.newNumber(arg)
          : typeof arg === 'string'
            ? context.newString(arg)
            : arg
              ? context.true
              : context.false,
      );
      const bridge = this.#bridge as QuickJSHandle;
      const target = context.getProp(bridge, method);
      const result = context.callFunction(target, bridge, ...handles);
      [target, ...handles].forEach((handle) => handle.dispose());
      context.unwrapResult(result).dispose();
    });
  }

  #timerGlobals(): object {
    const start = (callback: () => void, timeoutMs: number): number => {
      const id = ++this.#lastTimerId;
      this.#timers.set(id, setTimeout(callback, timeoutMs));
      return id;
    };
    return {
      setTimeout: start,
      clearTimeout: (id: number) => clearTimeout(this.#timers.get(id)),
    };
  }

  #console(): object {
    const write =
      (level: ConsoleLine['level']) =>
      (...parts: unknown[]) =>
        void this.consoleLines.push({ level, text: parts.map(String).join(' ') });
    return { log: write('log'), info: write('log'), warn: write('warn'), error: write('error') };
  }
}
