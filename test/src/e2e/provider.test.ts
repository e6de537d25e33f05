/** A provider that is not there: the daemon edits on the CPU, and says why to everybody who asks. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openSocket } from '@deltaspace/daemon';
import { DeltaClient, type ServerStatus } from '@deltaspace/shared-protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHash } from 'node:crypto';
import { benchLayer, editLayer } from '../bench/edit-cases.js';
import { deltaspace, type CommandResult } from '../fakes/command.js';
import { temporaryFolder } from '../fakes/daemon-process.js';

/** onnxruntime has it on no system that the tests run on: its library is no part of the npm package. */
const absent = 'cuda';
const side = 128;

let dataRoot: string;
let environment: Record<string, string>;
beforeEach(async () => {
  dataRoot = await temporaryFolder();
  const file = path.join(`${dataRoot}-config.toml`);
  await writeFile(file, `[models]\nprovider = "${absent}"\n`);
  environment = { DELTASPACE_CONFIG: file };
});
afterEach(async () => {
  await run(['stop']);
  await rm(dataRoot, { recursive: true, force: true });
  await rm(`${dataRoot}-config.toml`, { force: true });
});

const run = (commandLine: readonly string[]): Promise<CommandResult> =>
  deltaspace(commandLine, { dataRoot, cwd: path.dirname(dataRoot), environment });

async function connect(port: number): Promise<DeltaClient> {
  const token = (await readFile(path.join(dataRoot, 'token'), 'utf8')).trim();
  return DeltaClient.connect(await openSocket(port, token), {
    name: 'test',
    version: '0',
    sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  });
}

describe('a provider that is not there', () => {
  it('leaves edits to the CPU, and status, log and doctor say why', async () => {
    const started = JSON.parse((await run(['start', '--json'])).stdout) as { port: number };
    const client = await connect(started.port);
    const edit = await editLayer(client, side, benchLayer(side, 1), { targets: ['face with sunglasses'] });
    expect(edit.outputs).toHaveLength(1);
    const { worker } = await client.call('server.status', {});
    client.close();
    expect(worker.provider).toMatchObject({ wanted: absent, used: 'cpu' } satisfies Partial<
      ServerStatus['worker']['provider']
    >);
    expect(worker.provider?.reason).toMatch(/^cuda cannot be used: .*/);
    expect(worker.restarts).toBe(0);

    expect((await run(['status'])).stdout).toContain('networks run on: cpu; cuda cannot be used: ');
    const log = (await readFile(path.join(dataRoot, 'logs', 'daemon.log'), 'utf8')).split('\n').filter(Boolean);
    const warning = log.map((line) => JSON.parse(line) as Record<string, unknown>).find(({ wanted }) => wanted);
    expect(warning).toMatchObject({ wanted: absent, used: 'cpu' });

    const { findings } = JSON.parse((await run(['doctor', '--json'])).stdout) as {
      findings: { name: string; verdict: string; message: string }[];
    };
    const found = findings.find(({ name }) => name === `provider:${absent}`);
    expect(found).toMatchObject({ verdict: 'warning' });
    expect(found?.message).toContain('networks run on the CPU');
  });

  it('is refused when it is no provider at all', async () => {
    const result = await run(['start', '--provider', 'gpu']);
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain('Allowed choices are auto, cpu, webgpu, cuda, dml, coreml');
  });
});
