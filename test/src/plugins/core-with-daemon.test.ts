/** The plugins' core against a real daemon with a real engine; the networks are a tiny random pack. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  Batch,
  Connection,
  EditSession,
  storageKeys,
  type CapturedLayer,
  type ConnectionState,
  type LayerPixels,
} from '@deltaspace/plugin-core';
import { openSocket } from '@deltaspace/daemon';
import { DeltaClient } from '@deltaspace/shared-protocol';
import { deltaspace } from '../fakes/command.js';
import { nodePlatform } from '../fakes/node-platform.js';
import { buildTinyPack } from '../fixtures/tiny-pack.js';
import { freePort, startRealDaemon, type RealDaemon } from '../e2e/real-daemon.js';

const [width, height] = [90, 60];

function pixels(seed: number): LayerPixels {
  const bytes = Uint8Array.from({ length: 4 * width * height }, (_, i) =>
    i % 4 === 3 ? 255 : (i * seed + (i >> 6)) % 256,
  );
  return { encoding: 'rgba8', bytes, width, height };
}

const layerOf = (seed: number): CapturedLayer => ({ id: `layer-${seed}`, name: `Layer ${seed}`, pixels: pixels(seed) });

let daemon: RealDaemon;
let connection: Connection;
let platform: ReturnType<typeof nodePlatform>;

beforeAll(async () => {
  daemon = await startRealDaemon((packs) => buildTinyPack(path.join(packs, 'tiny'), { resolution: 64 }), {
    port: await freePort(),
  });
});
afterAll(() => daemon.dispose());
afterEach(() => connection.close());

/** The user's own client, also after the daemon was started again. */
async function connectUser(): Promise<DeltaClient> {
  const token = (await readFile(path.join(daemon.dataRoot, 'token'), 'utf8')).trim();
  const socket = await openSocket(daemon.port, token);
  return DeltaClient.connect(socket, { name: 'user', version: '0', sha256: () => '' });
}

/** Resolves with the first state that fits, the one there is included. */
function until(fits: (state: ConnectionState) => boolean): Promise<ConnectionState> {
  return new Promise((resolve) => {
    const look = (state: ConnectionState): void => {
      if (!fits(state)) return;
      unsubscribe();
      resolve(state);
    };
    const unsubscribe = connection.state.subscribe(look);
    look(connection.state.value);
  });
}

const isReady = (state: ConnectionState): boolean => state.kind === 'connected' && state.notice === undefined;

async function offerCode(): Promise<{ code: string; user: DeltaClient }> {
  const user = await connectUser();
  const { code } = await user.call('pairing.begin', {});
  return { code, user };
}

/** A paired, ready connection. */
async function connectCore(options: { setsSocketHeaders?: boolean } = {}): Promise<void> {
  platform = nodePlatform({ ports: [daemon.port], ...options });
  connection = new Connection(platform);
  connection.start();
  await until(({ kind }) => kind === 'unpaired');
  const { code, user } = await offerCode();
  expect(await connection.pair(code)).toBe(true);
  user.close();
  await until(isReady);
}

function openEdit(seed: number): EditSession {
  const session = new EditSession({
    link: connection,
    platform,
    layer: layerOf(seed),
    encoding: 'rgba8',
    previewSide: 32,
  });
  session.change({ pack: 'tiny', strength: 2 });
  return session;
}

/** The session's state once it fits. */
function untilEdit(
  session: EditSession,
  fits: (state: EditSession['state']['value']) => boolean,
): Promise<EditSession['state']['value']> {
  return new Promise((resolve) => {
    const look = (state: EditSession['state']['value']): void => {
      if (!fits(state)) return;
      unsubscribe();
      resolve(state);
    };
    const unsubscribe = session.state.subscribe(look);
    look(session.state.value);
  });
}

describe('the core of the plugins', () => {
  it.each([false, true])('pairs with a code and keeps the token (headers: %s)', async (setsSocketHeaders) => {
    await connectCore({ setsSocketHeaders });
    expect(platform.stored.get(storageKeys.token)).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const state = connection.state.value;
    expect(state.kind === 'connected' && state.packs.map(({ id }) => id)).toContain('tiny');
  });

  it('says that a wrong code does not work', async () => {
    connection = new Connection(nodePlatform({ ports: [daemon.port] }));
    connection.start();
    expect(await until(({ kind }) => kind === 'unpaired')).toMatchObject({ problem: { code: 'not_paired' } });
    expect(await connection.pair('0000-0000')).toBe(false);
    expect(connection.state.value).toMatchObject({ kind: 'unpaired', problem: { code: 'pairing_refused' } });
  });

  it('previews while a slider is dragged and renders at full size', async () => {
    await connectCore();
    const session = openEdit(7);
    session.change({ texts: ['face with hat'] }, 'type');
    for (let step = 0; step < 20; step++) {
      session.change({ strength: step / 10 }, 'drag');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const { preview } = await untilEdit(
      session,
      ({ preview: newest, isPreviewStale, activity }) =>
        newest !== undefined && !isPreviewStale && activity === undefined,
    );
    expect(preview).toMatchObject({ strength: 1.9, image: { width: 32, encoding: 'rgba8' } });
    const edit = await session.render({ heatmap: true });
    expect([edit.image.width, edit.image.height, edit.image.bytes.length]).toEqual([width, height, 4 * width * height]);
    expect(edit.heatmap).toBeDefined();
    expect(edit.image.bytes).not.toEqual(layerOf(7).pixels.bytes);
    session.close();
  });

  it('makes variations, strips and mixes', async () => {
    await connectCore();
    const session = openEdit(11);
    const seen: number[] = [];
    const cells = await session.variations({
      texts: ['face with hat', 'glasses'],
      strengths: [-1, 1, 2],
      previewSide: 32,
      onCells: (some) => seen.push(some.length),
    });
    expect(cells.map(({ text, strength }) => `${text} ${strength}`)).toEqual([
      ...['face with hat -1', 'face with hat 1', 'face with hat 2'],
      ...['glasses -1', 'glasses 1', 'glasses 2'],
    ]);
    expect(seen).toEqual([2, 2, 2]); // one request per strength, all texts in it
    expect(cells.every(({ outcome }) => outcome.kind === 'done' && outcome.value.image.width === 32)).toBe(true);
    const texts = await session.stripOfTexts({ from: 'face with hat', to: 'glasses' }, 3);
    expect(texts.frames.map(({ weight }) => weight)).toEqual([0, 0.5, 1]);
    const other = await session.stripToLayer(pixels(3), 4);
    expect(other.frames).toHaveLength(4);
    const mixes = await session.mixes([pixels(3), pixels(5)], [undefined, 1]);
    expect(mixes.map(({ style, outcome }) => [style, outcome.kind])).toEqual([
      ...[[0, 'done'], [0, 'done'], [1, 'done'], [1, 'done']], // prettier-ignore
    ]);
    session.close();
  });

  it('edits many layers and loses none to the failure of one', async () => {
    await connectCore();
    const delivered: string[] = [];
    const item = (id: string, capture: () => Promise<LayerPixels>) => ({
      id,
      name: id,
      capture,
      deliver: () => Promise.resolve(void delivered.push(id)),
    });
    const noImage = { encoding: 'file', bytes: Uint8Array.of(1, 2, 3) } as const;
    const batch = new Batch({
      ...{ link: connection, platform, encoding: 'png' },
      recipe: { format: 'deltaspace-recipe', version: 1, texts: ['face with hat'], pack: 'tiny' },
      layers: [
        item('one', () => Promise.resolve(pixels(21))),
        item('locked', () => Promise.reject(new Error('The layer is locked.'))),
        item('broken', () => Promise.resolve(noImage)),
        item('two', () => Promise.resolve(pixels(22))),
      ],
    });
    const items = await batch.finished;
    expect(items.map(({ state }) => state.kind)).toEqual(['done', 'failed', 'failed', 'done']);
    expect(items[1]).toMatchObject({
      state: { failure: { code: 'plugin_failed', explanation: 'The layer is locked.' } },
    });
    expect(items[2]).toMatchObject({ state: { failure: { code: 'image_format_unknown' } } });
    expect(delivered).toEqual(['one', 'two']);
    expect(batch.state.value).toMatchObject({ isRunning: false, progress: { fraction: 1, done: 4, total: 4 } });
  });

  it('gets its edit although the worker is killed meanwhile', async () => {
    await connectCore();
    const session = openEdit(13);
    session.change({ texts: ['face with hat'] }, 'type');
    const { worker } = await daemon.client.call('server.status', {});
    process.kill(worker.pid as number, 'SIGKILL');
    const edit = await session.render();
    expect(edit.image.bytes).toHaveLength(4 * width * height);
    session.close();
  });

  it('sends the layer again when the daemon has dropped it', async () => {
    await connectCore();
    const session = openEdit(17);
    session.change({ texts: ['face with hat'] }, 'type');
    const first = await session.render();
    await daemon.client.call('storage.collect', {});
    // Results of recent jobs stay; the layer itself is gone.
    const { missing } = await daemon.client.call('blob.have', { digests: [await digestOf(pixels(17))] });
    expect(missing).toHaveLength(1);
    session.change({ strength: 1 }, 'type');
    const second = await session.render();
    expect(second.image.digest).not.toBe(first.image.digest);
    session.close();
  });
});

describe('a daemon that goes and comes', () => {
  it('is explained, and what was asked for in between is answered afterwards', async () => {
    await connectCore();
    const session = openEdit(19);
    session.change({ texts: ['face with hat'] }, 'type');
    session.cancel();
    const cwd = daemon.dataRoot;
    const codes: string[] = [];
    connection.state.subscribe((state) => {
      if (state.kind === 'waiting') codes.push(state.problem.code);
    });
    expect((await deltaspace(['stop'], { dataRoot: daemon.dataRoot, cwd })).exitCode).toBe(0);
    const gone = await until((state) => state.kind === 'waiting' && state.problem.code === 'not_running');
    expect(gone).toMatchObject({ problem: { command: 'deltaspace start' } });
    expect(codes[0]).toBe('daemon_stopping');
    const edit = session.render();
    expect(session.state.value.activity).toMatchObject({ kind: 'render', progress: { stage: 'connecting' } });
    await deltaspace(['start', '--port', String(daemon.port)], { dataRoot: daemon.dataRoot, cwd });
    expect((await edit).image.width).toBe(width);
    expect(connection.state.value.kind).toBe('connected');
    session.close();
  });

  it('takes access back, which is explained, and lets the plugin in again with a new code', async () => {
    await connectCore();
    const user = await connectUser();
    const { clients } = await user.call('clients.list', {});
    const own = clients.find(({ connections }) => connections === 1);
    await user.call('clients.revoke', { id: own?.id ?? '' });
    expect(await until(({ kind }) => kind === 'unpaired')).toMatchObject({ problem: { code: 'access_revoked' } });
    expect(platform.stored.has(storageKeys.token)).toBe(false);
    const { code } = await user.call('pairing.begin', {});
    expect(await connection.pair(code)).toBe(true);
    await until(isReady);
    user.close();
  });
});

async function digestOf({ bytes }: LayerPixels): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return `sha256:${Buffer.from(digest).toString('hex')}`;
}
