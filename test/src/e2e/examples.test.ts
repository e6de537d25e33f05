/** The files in examples/, run as a stranger runs them, against a daemon whose edit inverts the colours. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest';
import { decodeImage, encodePng } from '@deltaspace/daemon';
import { repositoryRoot } from '../examples/embedded-files.js';
import { startScriptedDaemon, type TestDaemon } from '../fakes/daemon-process.js';
import { pairPlugin } from '../fakes/plugin.js';
import { python, pythonLacks } from '../fakes/python.js';

let daemon: TestDaemon;
beforeAll(async () => {
  daemon = await startScriptedDaemon();
});
afterAll(() => daemon.dispose());

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'deltaspace-examples-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = (name: string): string => path.join(folder, name);
const layer = { width: 2, height: 1, data: Uint8Array.of(255, 0, 10, 255, 1, 2, 3, 128) };
const inverted = [0, 255, 245, 255, 254, 253, 252, 128];

/** Runs a program in the repository with the daemon's data folder. */
function run(
  program: string,
  commandLine: readonly string[],
  heard?: (stderr: string, pid: number) => void,
): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  const child = spawn(program, commandLine, {
    cwd: repositoryRoot,
    env: { ...process.env, NODE_OPTIONS: '', DELTASPACE_DATA: daemon.dataRoot },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    heard?.(stderr, child.pid as number);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}

async function expectInverted(name: string): Promise<void> {
  expect([...(await decodeImage(await readFile(file(name)))).data]).toEqual(inverted);
}

const compiledExample = path.join(repositoryRoot, 'examples/dist/edit.js');

describe('the TypeScript example', () => {
  it('edits a picture and shows progress', async () => {
    await writeFile(file('in.png'), await encodePng(layer));
    const result = await run(process.execPath, [compiledExample, file('in.png'), 'slow 200', file('out.png')]);
    expect(result).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('work 50 %') as string });
    await expectInverted('out.png');
  });

  it('stops at Ctrl-C and leaves no file', async () => {
    await writeFile(file('in.png'), await encodePng(layer));
    let asked = false;
    const commandLine = [compiledExample, file('in.png'), 'slow 60000', file('out.png')];
    const result = await run(process.execPath, commandLine, (stderr, pid) => {
      if (!asked && stderr.includes('work')) asked = process.kill(pid, 'SIGINT');
    });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("code: 'cancelled'");
    await expect(readFile(file('out.png'))).rejects.toThrow(/ENOENT/);
  });
});

describe('the example for many pictures', () => {
  it('goes on with the next daemon when one dies, and computes nothing twice', async () => {
    const names = ['a.png', 'b.png', 'c.png'];
    for (const [i, name] of names.entries())
      await writeFile(
        file(name),
        await encodePng({ ...layer, data: layer.data.map((value, at) => (at % 4 === 3 ? value : value ^ i)) }),
      );
    const script = path.join(repositoryRoot, 'examples/dist/edit-folder.js');
    const work = run(process.execPath, [script, 'slow 1500', file('out'), ...names.map(file)]);
    await until(async () => (await readdir(file('out')).catch(() => [])).length === 1);
    const gone = new Promise((resolve) => daemon.process.once('exit', resolve));
    daemon.process.kill('SIGKILL');
    await gone;
    daemon = await startScriptedDaemon(daemon.dataRoot);
    expect(await work).toMatchObject({ exitCode: 0, stderr: '' });
    for (const [i, name] of names.entries()) {
      const { data } = await decodeImage(await readFile(path.join(file('out'), name)));
      expect(data[0]).toBe(255 - (255 ^ i));
    }
    const client = await daemon.connect();
    const { jobs } = await client.call('job.list', {});
    expect(jobs.filter(({ priority }) => priority === 'bulk')).toHaveLength(names.length);
    client.close();
  });
});

/** Waits until something holds; the test's own time limit ends it. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('the example for web pages', () => {
  it('edits a picture with the globals of a browser, by a ticket', async () => {
    // Node 20 has fetch, Blob and crypto as browsers do, and no WebSocket.
    const { WebSocket } = (await import('ws')) as { WebSocket: unknown };
    Object.assign(globalThis, { WebSocket });
    const url = pathToFileURL(path.join(repositoryRoot, 'examples/dist/edit-in-browser.js')).href;
    const { editInBrowser } = (await import(/* @vite-ignore */ url)) as {
      editInBrowser: (edit: { port: number; token: string; picture: Blob; target: string }) => Promise<Blob>;
    };
    const { token } = await pairPlugin(daemon);
    const picture = new Blob([new Uint8Array(await encodePng(layer))]);
    const edited = await editInBrowser({ port: daemon.port, token, picture, target: 'inverted' });
    expect([...(await decodeImage(new Uint8Array(await edited.arrayBuffer()))).data]).toEqual(inverted);
  });
});

const missing = pythonLacks();
describe.skipIf(missing !== undefined)(
  `the Python example${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    it('edits a picture and shows progress', async () => {
      await writeFile(file('in.png'), await encodePng(layer));
      const script = path.join(repositoryRoot, 'examples/python/edit.py');
      const result = await run(python, [script, file('in.png'), 'slow 200', file('out.png')]);
      expect(result).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('work 50%') as string });
      await expectInverted('out.png');
    });

    it('sends and fetches a picture of several chunks', async () => {
      const side = 1200;
      let state = 1; // noise, so that the file does not shrink: 4 MB up, 4 MB down
      const noise = Uint8Array.from({ length: 4 * side * side }, () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state >>> 24;
      });
      await writeFile(file('in.png'), await encodePng({ width: side, height: side, data: noise }));
      const script = path.join(repositoryRoot, 'examples/python/edit.py');
      expect(await run(python, [script, file('in.png'), 'inverted', file('out.png')])).toMatchObject({ exitCode: 0 });
      const { data } = await decodeImage(await readFile(file('out.png')));
      expect(data.every((value, index) => value === (index % 4 === 3 ? noise[index] : 255 - (noise[index] ?? 0)))).toBe(
        true,
      );
    });

    it('tells what the daemon refuses', async () => {
      await writeFile(file('in.png'), 'no picture');
      const script = path.join(repositoryRoot, 'examples/python/edit.py');
      const result = await run(python, [script, file('in.png'), 'inverted', file('out.png')]);
      expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('RuntimeError: ') as string });
    });
  },
);

const noShell = spawnSync('sh', ['-c', 'npx --version']).status === 0 ? undefined : 'there is no sh with npx';
describe.skipIf(noShell !== undefined)(
  `the shell example${noShell === undefined ? '' : ` (skipped: ${noShell})`}`,
  () => {
    it('edits two pictures and prints JSON', async () => {
      for (const name of ['a.png', 'b.png']) await writeFile(file(name), await encodePng(layer));
      const script = path.join(repositoryRoot, 'examples/shell/edit.sh');
      const result = await run('sh', [script, 'inverted', file('out/'), file('a.png'), file('b.png')]);
      expect(result.exitCode).toBe(0);
      expect(JSON.parse(result.stdout)).toMatchObject({ edits: [{ pack: 'scripted' }, { pack: 'scripted' }] });
      await expectInverted('out/a-inverted.png');
      await expectInverted('out/b-inverted.png');
    });
  },
);
