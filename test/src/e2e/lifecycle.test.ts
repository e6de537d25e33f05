/** Starting, stopping and killing daemons: one per folder, nothing left behind, nothing lost that was promised. */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSocket } from '@deltaspace/daemon';
import { closeCodes } from '@deltaspace/shared-protocol';
import { deltaspace } from '../fakes/command.js';
import { startScriptedDaemon, temporaryFolder, type TestDaemon } from '../fakes/daemon-process.js';

let folder: string;
let daemons: TestDaemon[];
beforeEach(async () => {
  folder = await temporaryFolder();
  daemons = [];
});
afterEach(async () => {
  for (const daemon of daemons) await daemon.dispose();
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<TestDaemon> {
  const daemon = await startScriptedDaemon(folder);
  daemons.push(daemon);
  return daemon;
}

const ended = (daemon: TestDaemon): Promise<number | null> =>
  new Promise((resolve) => daemon.process.once('exit', (code) => resolve(code)));

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a data folder', () => {
  it('has one daemon; a second one refuses and says who is there', async () => {
    const first = await start();
    await expect(start()).rejects.toThrow(`process ${first.process.pid ?? 0}, port ${first.port}`);
    const client = await first.connect();
    await expect(client.call('server.status', {})).resolves.toMatchObject({ port: first.port });
    client.close();
  });

  it('of a killed daemon is taken over with its blobs, and its worker does not outlive it', async () => {
    const killed = await start();
    const client = await killed.connect();
    const digest = await client.upload(Buffer.from('uploaded before the end'));
    const { worker } = await client.call('server.status', {});
    const end = ended(killed);
    killed.process.kill('SIGKILL');
    await end;
    await expect.poll(() => isAlive(worker.pid as number), { timeout: 10_000 }).toBe(false);

    const heir = await start();
    const other = await heir.connect();
    expect(Buffer.from(await other.download(digest)).toString()).toBe('uploaded before the end');
    other.close();
  });
});

describe('a daemon that stops', () => {
  it('on SIGTERM says goodbye, ends its worker, frees the folder and exits with 0', async () => {
    const daemon = await start();
    const socket = await openSocket(daemon.port, daemon.token);
    const closed = new Promise<number>((resolve) =>
      socket.listen({ text: () => undefined, binary: () => undefined, closed: resolve }),
    );
    const client = await daemon.connect();
    const { worker } = await client.call('server.status', {});
    const end = ended(daemon);
    daemon.process.kill('SIGTERM');
    await expect(closed).resolves.toBe(closeCodes.goingAway.code);
    await expect(end).resolves.toBe(0);
    expect(isAlive(worker.pid as number)).toBe(false);
    expect(await readdir(folder)).not.toContain('daemon.json');
  });

  it('does so in the middle of a job, whose client is told that the connection is gone', async () => {
    const daemon = await start();
    const client = await daemon.connect();
    const digest = await client.upload(new Uint8Array(4).fill(9));
    const end = ended(daemon);
    const call = client.call(
      'edit',
      { image: { encoding: 'rgba8', digest, width: 1, height: 1 }, targets: ['slow 60000'], encoding: 'rgba8' },
      {
        onProgress: ({ stage }) => {
          if (stage === 'work') void client.call('server.shutdown', {}).catch(() => undefined);
        },
      },
    );
    await expect(call).rejects.toMatchObject({ code: 'connection_lost', details: { closeCode: 1001 } });
    await expect(end).resolves.toBe(0);
  });
});

describe('the foreground', () => {
  it('holds the daemon until a signal comes, and logs to standard error', async () => {
    const dataRoot = path.join(folder, 'data');
    const foreground = await deltaspace(['start', '--foreground'], {
      dataRoot,
      cwd: folder,
      started: (pid) =>
        void expect
          .poll(async () => (await deltaspace(['status'], { dataRoot, cwd: folder })).exitCode, { timeout: 40_000 })
          .toBe(0)
          .then(() => process.kill(pid, 'SIGTERM')),
    });
    expect(foreground).toMatchObject({ exitCode: 0, stdout: '' });
    expect(foreground.stderr).toContain('daemon listens');
    expect(foreground.stderr).toContain('daemon stopped');
  });
});
