/** Settings as a user makes them: a file, variables and flags, and a daemon that obeys them. */
import { rm, writeFile, readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deltaspace, type CommandResult } from '../fakes/command.js';
import { temporaryFolder } from '../fakes/daemon-process.js';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  file = path.join(folder, 'config.toml');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Without DELTASPACE_DATA, so that the file can name the data folder. */
const run = (commandLine: readonly string[], environment: Record<string, string> = {}): Promise<CommandResult> =>
  deltaspace(commandLine, { dataRoot: '', cwd: folder, environment: { DELTASPACE_CONFIG: file, ...environment } });

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('config show', () => {
  it('tells where each value comes from', async () => {
    await writeFile(file, 'data = "mine"\nport = 7500\n[log]\nlevel = "warn"\n');
    const commandLine = ['config', 'show', '--origin', '--log-level', 'debug'];
    const result = await run(commandLine, { DELTASPACE_PORT: '7600' });
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toContain(`data = ${JSON.stringify(path.join(folder, 'mine'))}  # ${file}:1`);
    expect(result.stdout).toContain('port = 7600  # environment DELTASPACE_PORT');
    expect(result.stdout).toContain('log.level = "debug"  # flag --log-level');
    expect(result.stdout).toContain('metrics.open = false  # default');
    const json = JSON.parse((await run([...commandLine, '--json'])).stdout) as { settings: Record<string, unknown> };
    expect(json).toMatchObject({ file, settings: { port: { value: 7500, origin: { kind: 'file', line: 2 } } } });
  });

  it('names file and line of what does not fit, whatever the command', async () => {
    await writeFile(file, '[log]\n\nlevel = "loud"\n');
    for (const commandLine of [['config', 'show'], ['status']]) {
      expect(await run(commandLine)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining(`${file}:3: log.level: expected`) as string,
      });
    }
  });
});

describe('a daemon', () => {
  it('is started as the file says: folder, port, open metrics, level of its log', async () => {
    const port = await freePort();
    await writeFile(file, `data = "mine"\nport = ${port}\nmetrics.open = true\nlog.level = "error"\n`);
    const started = await run(['start', '--json']);
    try {
      expect(JSON.parse(started.stdout)).toMatchObject({ port, data: path.join(folder, 'mine') });
      expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(200);
      expect(await readFile(path.join(folder, 'mine/logs/daemon.log'), 'utf8')).toBe('');
    } finally {
      expect((await run(['stop'])).exitCode).toBe(0);
    }
  });

  it('keeps to the memory and disk that flag, variable and file leave it', async () => {
    await writeFile(file, `data = "mine"\nport = ${await freePort()}\n[models]\nmemory = "1 GiB"\n`);
    await run(['start', '--blob-storage', '20 MiB']);
    try {
      const status = JSON.parse((await run(['status', '--json'])).stdout) as Record<string, unknown>;
      expect(status).toMatchObject({
        worker: { models: { limitBytes: 1024 ** 3 } },
        blobs: { limitBytes: 20 * 1024 ** 2 },
      });
    } finally {
      expect((await run(['stop'])).exitCode).toBe(0);
    }
  });
});
