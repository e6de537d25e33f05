/**
 * The bundled core in a script engine that makes no code from text, as Photoshop's and the pages around plugins: it is loaded,
 * and its schemas check messages, where `Function` and `eval` throw and the globals of Node and browsers are missing.
 */
import { createContext, runInContext } from 'node:vm';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';

/** Talks to a peer over a pair of sockets in memory: requests, answers and a frame go through all schemas. */
const entry = `
import { Connection, parseRecipe, serializeRecipe, createSha256 } from '@deltaspace/plugin-core';
import { DeltaClient, Peer, protocolLimits, socketPair } from '@deltaspace/shared-protocol';

globalThis.exercise = async () => {
  const [ours, theirs] = socketPair();
  const image = { encoding: 'png', digest: 'sha256:' + '0'.repeat(64), sizeBytes: 4, width: 1, height: 1 };
  new Peer(theirs, { request: ({ method, params }) => method === 'initialize'
    ? { protocol: 1, server: { name: 'd', version: '1' }, sessionId: 's', capabilities: {}, limits: protocolLimits, models: [] }
    : { pack: 'p', outputs: params.targets.map((target) => ({ target, image, strength: 1, threshold: 0, channelsKept: 1,
        reach: 1, styleChange: 1, alignment: 1, unknownWords: [], warnings: [] })), timingsMs: {} } });
  const sha256 = createSha256({ after: (_, callback) => { callback(); return () => undefined; } });
  const client = await DeltaClient.connect(ours, { name: 'n', version: '1', sha256 });
  const layer = { encoding: 'rgba8', digest: image.digest, width: 1, height: 1 };
  const { outputs } = await client.call('edit', { image: layer, targets: ['hat'] });
  const recipe = parseRecipe(serializeRecipe({ format: 'deltaspace-recipe', version: 1, texts: ['hat'] }));
  const connection = new Connection({});
  return { target: outputs[0].target, texts: recipe.texts, state: connection.state.value.kind,
    digest: await sha256(new Uint8Array(3)) };
};
globalThis.makeCode = () => new Function('return 1')();
`;

/** Ends with what an engine of that kind lacks. */
const harden = `
const made = [];
globalThis.attempts = made;
const refuse = new Proxy(Function, {
  construct(_, parameters) { made.push(String(parameters)); throw new EvalError('code from text is forbidden'); },
  apply(_, __, parameters) { made.push(String(parameters)); throw new EvalError('code from text is forbidden'); },
});
for (const prototype of [Function.prototype, (async () => {}).constructor.prototype]) {
  Object.defineProperty(prototype, 'constructor', { value: refuse });
}
globalThis.Function = refuse;
globalThis.eval = refuse;
Array.prototype.findLastIndex = undefined;
`;

interface Sandbox {
  exercise(): Promise<unknown>;
  makeCode(): unknown;
  attempts: string[];
}

let sandbox: Sandbox;
let code: string;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: fileURLToPath(new URL('../../', import.meta.url)) },
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2020',
    platform: 'browser',
    conditions: ['source'],
  });
  code = outputFiles[0]?.text ?? '';
  const context = createContext({});
  runInContext(harden, context);
  runInContext(code, context);
  sandbox = context as unknown as Sandbox;
});

describe('the bundled core', () => {
  it('connects, edits and reads recipes without making code from text, or any global of a host', async () => {
    await expect(sandbox.exercise()).resolves.toEqual({
      target: 'hat',
      texts: ['hat'],
      state: 'off',
      digest: '709e80c88487a2411e1ee4dfb9f22a861492d20c4765150c0c794abd70f8147c', // sha256 of three zeros
    });
    expect(sandbox.attempts).toEqual([]);
  });

  it('would be caught if it did', () => {
    expect(() => sandbox.makeCode()).toThrow('forbidden');
    expect(sandbox.attempts).toEqual(['return 1']);
  });

  it('stays small enough for a plugin', () => {
    expect(code.length).toBeLessThan(1_500_000); // not minified; a panel that loads slower than a blink is noticed
  });
});
