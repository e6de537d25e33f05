/** `deltaspace service` and `logs` as a user types them. */
import { access, chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deltaspace, type CommandOptions, type CommandResult } from '../fakes/command.js';
import { startScriptedDaemon, temporaryFolder } from '../fakes/daemon-process.js';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = (commandLine: readonly string[], options: Partial<CommandOptions> = {}): Promise<CommandResult> =>
  deltaspace(commandLine, { dataRoot: folder, cwd: folder, ...options });

describe('service --print', () => {
  it.each([
    ['linux', 'ExecStart=', 'systemctl --user enable --now deltaspace.service'],
    ['darwin', '<key>ProgramArguments</key>', 'launchctl bootstrap'],
  ])('shows what would be done on %s', async (platform, text, command) => {
    const { exitCode, stdout } = await run(['service', 'install', '--print', '--platform', platform]);
    expect(exitCode).toBe(0);
    for (const part of [text, command, folder, process.execPath]) expect(stdout).toContain(part);
  });

  it('is needed to look at another platform', async () => {
    expect((await run(['service', 'install', '--platform', 'darwin'])).exitCode).toBe(2);
  });
});

describe.skipIf(process.platform !== 'linux')(
  'service on Linux, with a systemctl that writes down what it is asked',
  () => {
    let environment: Record<string, string>;
    let asked: string;
    beforeEach(async () => {
      const bin = path.join(folder, 'bin');
      asked = path.join(folder, 'asked');
      await mkdir(bin);
      await writeFile(path.join(bin, 'systemctl'), `#!/bin/sh\necho "$@" >> ${asked}\ntest ! -e ${folder}/refuse\n`);
      await chmod(path.join(bin, 'systemctl'), 0o755);
      environment = {
        PATH: `${bin}:${process.env['PATH'] ?? ''}`,
        XDG_CONFIG_HOME: path.join(folder, 'configuration'),
      };
    });
    const unit = (): string => path.join(folder, 'configuration/systemd/user/deltaspace.service');

    it('is installed and uninstalled without a trace, and says where models and data stay', async () => {
      expect(await run(['service', 'install'], { environment })).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await readFile(unit(), 'utf8')).toContain(`"--data" "${folder}"`);
      const uninstalled = await run(['service', 'uninstall'], { environment });
      expect(uninstalled.exitCode).toBe(0);
      expect(uninstalled.stdout).toContain(`stay in ${folder}`);
      await expect(access(unit())).rejects.toThrow(/ENOENT/);
      expect((await readFile(asked, 'utf8')).trim().split('\n')).toEqual([
        '--user daemon-reload',
        '--user enable --now deltaspace.service',
        '--user disable --now deltaspace.service',
        '--user daemon-reload',
      ]);
    });

    it('leaves nothing when systemd refuses', async () => {
      await writeFile(path.join(folder, 'refuse'), '');
      const result = await run(['service', 'install', '--json'], { environment });
      expect(result.exitCode).toBe(1);
      expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: 'service_failed' } });
      await expect(access(unit())).rejects.toThrow(/ENOENT/);
    });
  },
);

describe('logs', () => {
  it('shows jobs with their ids, follows, and ends with 0 at Ctrl-C', async () => {
    const daemon = await startScriptedDaemon(folder);
    const client = await daemon.connect();
    try {
      const edit = async (jobId: string): Promise<unknown> => {
        const digest = await client.upload(Uint8Array.of(1, 2, 3, 4));
        const image = { encoding: 'rgba8', digest, width: 1, height: 1 } as const;
        return client.call('edit', { image, targets: ['a private text'], jobId });
      };
      const [first, second] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
      await edit(first);
      const shown = await run(['logs']);
      expect(shown.stdout).toMatch(new RegExp(`INFO +job ended job=${first} kind=edit outcome=succeeded`));
      expect(shown.stdout).toContain('daemon listens');
      expect(shown.stdout).not.toContain('private');
      const json = (await run(['logs', '--json', '--job', first])).stdout.trim().split('\n');
      expect(json.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
        'job waits',
        'job begins',
        'job ended',
      ]);

      let pid = 0;
      let more: Promise<unknown> | undefined;
      const followed = await run(['logs', '-f', '-n', '1'], {
        started: (started) => (pid = started),
        printed: (stdout) => {
          if (stdout !== '') more ??= edit(second);
          if (stdout.includes(`job ended job=${second}`)) process.kill(pid, 'SIGINT');
        },
      });
      await more;
      expect(followed.exitCode).toBe(0);
    } finally {
      client.close();
      await daemon.dispose();
    }
  });
});
