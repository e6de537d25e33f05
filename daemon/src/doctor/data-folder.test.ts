import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeDataDirectory, prepareDataDirectory } from '../config/data-directory.js';
import { loadOrCreateToken } from '../config/token.js';
import { diskFloors, examineClients, examineDisk, examinePermissions, judgeDisk } from './data-folder.js';
import { examine } from './finding.js';
import { examinePacks } from './packs.js';
import { examinePorts, inodeOf } from './ports.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'deltaspace-doctor-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('the doctor on the data folder', () => {
  it.skipIf(process.platform === 'win32')('finds what others can read, and how to close it', async () => {
    const { tokenFile } = await prepareDataDirectory(root);
    await loadOrCreateToken(tokenFile);
    expect(await examinePermissions(root)).toMatchObject([{ verdict: 'ok' }]);
    await chmod(tokenFile, 0o640);
    await chmod(root, 0o755);
    const messages = (await examinePermissions(root)).map(({ verdict, message }) => `${verdict}: ${message}`);
    expect(messages).toHaveLength(2);
    expect(messages[0]).toContain('chmod go=');
    expect(messages[1]).toMatch(/^broken: others can use .*token \(mode 640\)/);
  });

  it('is content with a folder that is still to be made', async () => {
    const missing = path.join(root, 'not', 'yet');
    expect(await examinePermissions(missing)).toMatchObject([{ verdict: 'ok' }]);
    expect(await examineDisk(missing)).toMatchObject([{ name: 'disk' }]);
    expect(await examineClients(missing)).toMatchObject([{ verdict: 'ok', facts: { paired: 0, hasToken: false } }]);
  });

  it('warns of a disk that fills and calls a full one broken', () => {
    const verdicts = [0, diskFloors.brokenBytes, diskFloors.warningBytes].map((free) => judgeDisk(root, free).verdict);
    expect(verdicts).toEqual(['broken', 'warning', 'ok']);
  });

  it('calls a token and a list of clients that cannot be read broken', async () => {
    const { tokenFile, clientsFile } = describeDataDirectory(root);
    await writeFile(clientsFile, '{"version":1}');
    expect(await examine('clients', () => examineClients(root))).toMatchObject([
      { name: 'clients', verdict: 'broken' },
    ]);
    await rm(clientsFile);
    await writeFile(tokenFile, 'short');
    expect(await examine('clients', () => examineClients(root))).toMatchObject([{ verdict: 'broken' }]);
  });
});

describe('the doctor on packs', () => {
  it('calls it broken when there is none, and names a folder whose pack is damaged', async () => {
    const shipped = path.join(root, 'none');
    const { packs } = await prepareDataDirectory(root);
    expect(await examinePacks(root, shipped)).toMatchObject([{ name: 'packs', verdict: 'broken' }]);
    await mkdir(path.join(packs, 'torn'));
    await writeFile(path.join(packs, 'torn', 'pack.json'), '{');
    expect(await examinePacks(root, shipped)).toMatchObject([
      { verdict: 'broken', message: expect.stringContaining('torn') as string },
    ]);
  });
});

describe('the doctor on ports', () => {
  it('says who has a port, takes the next, and is broken without one', async () => {
    const server = createServer();
    const taken = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    });
    try {
      const [alone] = await examinePorts(root, [taken]);
      expect(alone).toMatchObject({
        verdict: 'broken',
        message: expect.stringContaining(`${taken} is used by`) as string,
      });
      if (process.platform === 'linux') expect(alone?.message).toContain(`process ${process.pid} (`);
      const [second] = await examinePorts(root, [taken, 0]);
      expect(second?.verdict).toBe('ok');
    } finally {
      server.close();
    }
  }, 20_000);

  it('reads the kernel’s table: the listening socket, not a connection of that port', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:1CF3 0100007F:9999 01 00000000:00000000 00:00000000 00000000  1000        0 111 1',
      '   1: 0100007F:1CF3 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 222 1',
    ].join('\n');
    expect([inodeOf(7411, table), inodeOf(7412, table)]).toEqual(['222', undefined]);
  });
});
