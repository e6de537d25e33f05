/** `deltaspace pair`, `clients` and `start --listen` as a user types them, with real processes. */
import { writeFile, rm } from 'node:fs/promises';
import { get as getTls } from 'node:https';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pairPath } from '@deltaspace/shared-protocol';
import { deltaspace, type CommandResult } from '../fakes/command.js';
import { startScriptedDaemon, temporaryFolder, type TestDaemon } from '../fakes/daemon-process.js';
import { connectWith, enterCode, post, type Paired } from '../fakes/plugin.js';
import { exchange, head } from '../fakes/raw-http.js';
import { selfSigned } from '../fakes/self-signed.js';

describe('with a daemon that runs', () => {
  let daemon: TestDaemon;
  beforeAll(async () => {
    daemon = await startScriptedDaemon();
  });
  afterAll(() => daemon.dispose());

  const run = (...commandLine: string[]): Promise<CommandResult> =>
    deltaspace(commandLine, { dataRoot: daemon.dataRoot, cwd: daemon.dataRoot });

  /** Runs `pair`, and does something once it shows its code. */
  async function pairAnd<Value>(
    flags: readonly string[],
    act: (code: string, pid: number) => Value | Promise<Value>,
  ): Promise<{ result: CommandResult; acted: Value }> {
    let pid = 0;
    let acted: Promise<Value> | undefined;
    const result = await deltaspace(['pair', ...flags], {
      dataRoot: daemon.dataRoot,
      cwd: daemon.dataRoot,
      started: (started) => (pid = started),
      heard: (stderr) => {
        const code = /pairing code: (\S+)\n/.exec(stderr)?.[1];
        if (code !== undefined) acted ??= Promise.resolve(act(code, pid));
      },
    });
    if (acted === undefined) throw new Error(`pair showed no code: ${result.stderr}`);
    return { result, acted: await acted };
  }

  it('pair shows a code, waits, and says who paired', async () => {
    const { result, acted } = await pairAnd([], (code) => enterCode(daemon.port, code, 'Figma plugin'));
    expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('"Figma plugin": edit') as string });
    expect(result.stderr).toMatch(/works once and grants: edit/);
    expect(result.stdout + result.stderr).not.toContain(acted.token);
  });

  it('pair grants the scopes and the origin that were asked for', async () => {
    const flags = ['--scopes', 'edit,models', '--origin', 'https://example.com', '--json'];
    const { result } = await pairAnd(flags, (code) => enterCode(daemon.port, code, 'page', 'https://example.com'));
    expect(JSON.parse(result.stdout)).toMatchObject({
      client: { name: 'page', scopes: ['edit', 'models'], origin: 'https://example.com' },
    });
  });

  it('pair ends with exit code 130 at Ctrl-C, and its code is void', async () => {
    const { result, acted: code } = await pairAnd([], (code, pid) => {
      process.kill(pid, 'SIGINT');
      return code;
    });
    expect(result).toMatchObject({ exitCode: 130, stdout: '' });
    expect(await post(daemon.port, pairPath, { code, name: 'late' })).toMatchObject({ error: 'pairing_refused' });
  });

  it.each([
    ['an unknown scope', ['--scopes', 'root']],
    ['no scope', ['--scopes', '']],
    ['a scope twice', ['--scopes', 'edit,edit']],
    ['an origin with a path', ['--origin', 'https://example.com/x']],
  ])('pair refuses %s: exit code 2', async (_name, flags) => {
    expect((await run('pair', ...flags)).exitCode).toBe(2);
  });

  it('clients lists who paired, with or without the word list, and revokes', async () => {
    const { acted } = await pairAnd([], (code): Promise<Paired> => enterCode(daemon.port, code, 'to be revoked'));
    const { client, closed } = await connectWith(daemon.port, acted.token);
    const { id } = acted.client;
    for (const commandLine of [
      ['clients', '--json'],
      ['clients', 'list', '--json'],
    ]) {
      const listed = JSON.parse((await run(...commandLine)).stdout) as { clients: { id: string }[] };
      expect(listed.clients.find((one) => one.id === id)).toEqual({ ...acted.client, connections: 1 });
    }
    expect((await run('clients')).stdout).toContain(`${id} "to be revoked": edit`);
    expect(await run('clients', 'revoke', id)).toMatchObject({ exitCode: 0 });
    await expect(closed).resolves.toBe(4005);
    client.close();
    expect(await run('clients', 'revoke', id)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('client_unknown') as string,
    });
    expect((await run('clients')).stdout).not.toContain(id);
  });
});

// Only Linux has all of 127.0.0.0/8, an address that is neither 127.0.0.1 nor a network's.
describe.skipIf(process.platform !== 'linux')('start --listen', () => {
  const outside = '127.0.0.2';
  let dataRoot: string;
  beforeEach(async () => {
    dataRoot = await temporaryFolder();
  });
  afterEach(async () => {
    await run('stop');
    await rm(dataRoot, { recursive: true, force: true });
  });
  const run = (...commandLine: string[]): Promise<CommandResult> =>
    deltaspace(commandLine, { dataRoot, cwd: dataRoot });

  it('is refused without TLS, and nothing starts', async () => {
    expect(await run('start', '--listen', outside)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--insecure-listen') as string,
    });
    expect((await run('status')).exitCode).toBe(1);
  });

  it('is refused with a certificate that is none', async () => {
    for (const name of ['c.pem', 'k.pem']) await writeFile(path.join(dataRoot, name), 'nothing');
    const started = await run('start', '--listen', outside, '--tls-cert', 'c.pem', '--tls-key', 'k.pem');
    expect(started).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('daemon_unavailable') as string });
    expect((await run('status')).exitCode).toBe(1);
  });

  it('serves the address without TLS when told so, with a warning and all checks', async () => {
    const started = await run('start', '--listen', outside, '--insecure-listen', '--json');
    expect(started).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('without TLS') as string });
    const { port } = JSON.parse(started.stdout) as { port: number };
    const ask = async (host: string): Promise<number> =>
      (await exchange(port, head('GET /healthz HTTP/1.1', [['Host', host]]), outside)).status;
    expect([await ask(`${outside}:${port}`), await ask('evil.com'), await ask(`studio.lan:${port}`)]).toEqual([
      200, 421, 421,
    ]);
  });

  it('serves the address by TLS and nothing else, and loopback as ever', async () => {
    const { cert, key } = selfSigned(outside);
    await writeFile(path.join(dataRoot, 'c.pem'), cert);
    await writeFile(path.join(dataRoot, 'k.pem'), key);
    const flags = ['--listen-name', 'studio.lan', '--tls-cert', 'c.pem', '--tls-key', 'k.pem', '--json'];
    const started = await run('start', '--listen', outside, ...flags);
    expect(started).toMatchObject({ exitCode: 0, stderr: '' });
    const { port } = JSON.parse(started.stdout) as { port: number };
    const ask = (host: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const options = { host: outside, port, path: '/healthz', ca: cert, servername: '', headers: { host } };
        getTls(options, (response) => resolve(response.resume().statusCode ?? 0)).on('error', reject);
      });
    expect(await ask(`${outside}:${port}`)).toBe(200);
    expect(await ask(`studio.lan:${port}`)).toBe(200);
    expect(await ask('evil.com')).toBe(421);
    const plain = await exchange(port, head('GET /healthz HTTP/1.1', [['Host', `${outside}:${port}`]]), outside);
    expect(plain.status).not.toBe(200);
    expect((await run('status')).exitCode).toBe(0);
  });
});
