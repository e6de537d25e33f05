/** `deltaspace doctor` as a user types it, on this machine. */
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deltaspace } from '../fakes/command.js';
import { startScriptedDaemon, temporaryFolder } from '../fakes/daemon-process.js';

interface Report {
  readonly healthy: boolean;
  readonly findings: readonly { name: string; verdict: string; message: string; facts?: Record<string, unknown> }[];
}

let dataRoot: string;
beforeEach(async () => {
  dataRoot = await temporaryFolder();
});
afterEach(() => rm(dataRoot, { recursive: true, force: true }));

async function examine(): Promise<{ exitCode: number | null; report: Report }> {
  const { exitCode, stdout } = await deltaspace(['doctor', '--json'], { dataRoot, cwd: dataRoot });
  return { exitCode, report: JSON.parse(stdout) as Report };
}
const of = ({ findings }: Report, name: string) => findings.find((one) => one.name === name);

describe('doctor', () => {
  it('finds the machine of the tests sound: the CPU computes, the shipped pack is whole', async () => {
    const { exitCode, report } = await examine();
    expect(report.findings.filter(({ verdict }) => verdict === 'broken')).toEqual([]);
    expect(exitCode).toBe(0);
    expect(of(report, 'provider:cpu')).toMatchObject({ verdict: 'ok', facts: { usable: true } });
    expect(of(report, 'pack:avatars')).toMatchObject({ verdict: 'ok' });
    expect(report.findings.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['node', 'memory', 'permissions', 'disk', 'clients', 'port']),
    );
  });

  it('ends with 1 when something is broken, and says what', async () => {
    const pack = path.join(dataRoot, 'packs', 'torn');
    await mkdir(pack, { recursive: true });
    await writeFile(path.join(pack, 'pack.json'), '{}');
    await writeFile(path.join(dataRoot, 'token'), 'short');
    await chmod(dataRoot, 0o755);
    const { exitCode, report } = await examine();
    expect(exitCode).toBe(1);
    expect(report.healthy).toBe(false);
    const broken = report.findings.filter(({ verdict }) => verdict === 'broken').map(({ name }) => name);
    expect(broken).toEqual(expect.arrayContaining(['clients', 'pack']));
    if (process.platform !== 'win32') expect(broken).toContain('permissions');
  });

  it('knows the daemon of the folder', async () => {
    const daemon = await startScriptedDaemon(dataRoot);
    const { report } = await examine();
    expect(of(report, 'port')).toMatchObject({ facts: { port: daemon.port, pid: daemon.process.pid } });
    await daemon.dispose();
  });
});
