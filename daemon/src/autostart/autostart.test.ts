import { describe, expect, it } from 'vitest';
import { launchdAgent } from './launchd-agent.js';
import { installService, uninstallService, type Platform } from './manage-service.js';
import { scheduledTask } from './scheduled-task.js';
import type { ServiceFacts } from './service-definition.js';
import { systemdUnit } from './systemd-unit.js';

const facts: ServiceFacts = {
  command: ['/opt/node 20/bin/node', '/x/deltaspace.js', 'start', '--foreground', '--data', '/home/ann/50% "of" $5'],
  environment: { DELTASPACE_CONFIG: '/home/ann/$my.toml' },
  dataRoot: '/home/ann/data',
  home: '/home/ann',
  configurationRoot: '/home/ann/.config',
  user: '1000',
};

describe('the unit for systemd', () => {
  it('is what systemd reads back as the command that was meant', () => {
    const { file, text } = systemdUnit(facts);
    expect(file).toBe('/home/ann/.config/systemd/user/deltaspace.service');
    expect(text).toMatchInlineSnapshot(`
      "[Unit]
      Description=deltaspace: edits image layers by text, on this machine

      [Service]
      Type=exec
      ExecStart="/opt/node 20/bin/node" "/x/deltaspace.js" "start" "--foreground" "--data" "/home/ann/50%% \\"of\\" $$5"
      Environment="DELTASPACE_CONFIG=/home/ann/$my.toml"
      Restart=on-failure
      RestartSec=5
      UMask=0077
      NoNewPrivileges=yes

      [Install]
      WantedBy=default.target
      "
    `);
  });

  it('is not made of a path that could add lines', () => {
    expect(() => systemdUnit({ ...facts, command: ['/x\nExecStartPre=rm'] })).toThrow(/control characters/);
  });
});

describe('the agent for launchd', () => {
  it('holds every word as text of XML', () => {
    const { file, text, install, uninstall } = launchdAgent({ ...facts, command: ['/a&b', '<c>'] });
    expect(file).toBe('/home/ann/Library/LaunchAgents/space.delta.deltaspace.plist');
    expect(text).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
      <plist version="1.0">
      <dict>
        <key>Label</key>
        <string>space.delta.deltaspace</string>
        <key>ProgramArguments</key>
        <array>
          <string>/a&amp;b</string>
          <string>&lt;c&gt;</string>
        </array>
        <key>EnvironmentVariables</key>
        <dict>
          <key>DELTASPACE_CONFIG</key>
          <string>/home/ann/$my.toml</string>
        </dict>
        <key>RunAtLoad</key>
        <true/>
        <key>KeepAlive</key>
        <dict>
          <key>SuccessfulExit</key>
          <false/>
        </dict>
        <key>Umask</key>
        <integer>63</integer>
        <key>StandardErrorPath</key>
        <string>/home/ann/Library/Logs/deltaspace.log</string>
      </dict>
      </plist>
      "
    `);
    expect(install).toEqual([['launchctl', 'bootstrap', 'gui/1000', file]]);
    expect(uninstall).toEqual([['launchctl', 'bootout', 'gui/1000/space.delta.deltaspace']]);
  });
});

describe('the task for Windows', () => {
  const command = ['C:\\Program Files\\node.exe', 'C:\\d s\\deltaspace.js', '--data', 'C:\\my data\\'];
  const windows = { ...facts, command, dataRoot: 'C:\\data', environment: {}, user: 'PC\\ann' };

  it('starts at logon with the rights of the user', () => {
    const { file, text, encoding } = scheduledTask(windows);
    expect([file, encoding]).toEqual(['C:\\data\\deltaspace-task.xml', 'utf16le']);
    expect(text).toContain('<UserId>PC\\ann</UserId></LogonTrigger>');
    expect(text).toContain('<RunLevel>LeastPrivilege</RunLevel>');
    expect(text).toContain('<Command>C:\\Program Files\\node.exe</Command>');
    const words = '&quot;C:\\d s\\deltaspace.js&quot; --data &quot;C:\\my data\\\\&quot;';
    expect(text).toContain(`<Arguments>${words}</Arguments>`);
  });

  it('is refused with variables, which a task cannot have', () => {
    expect(() => scheduledTask({ ...windows, environment: { A: 'b' } })).toThrow(/set A for the user/);
  });
});

describe('a service', () => {
  /** A platform that writes down what it is asked. */
  function recorded(failing?: string): Platform & { log: string[] } {
    const log: string[] = [];
    const files = new Set<string>();
    return {
      log,
      write: (file) => {
        log.push(`write ${file}`);
        files.add(file);
        return Promise.resolve();
      },
      remove: (file) => {
        log.push(`remove ${file}`);
        return Promise.resolve(files.delete(file));
      },
      run: (command) => {
        log.push(command.join(' '));
        return command.includes(failing ?? '') ? Promise.reject(new Error('no bus')) : Promise.resolve();
      },
    };
  }
  const definition = systemdUnit(facts);

  it('is written, then started; stopped, then removed', async () => {
    const platform = recorded();
    await installService(definition, platform);
    expect(await uninstallService(definition, platform)).toEqual({ wasInstalled: true, complaints: [] });
    expect(platform.log).toEqual([
      `write ${definition.file}`,
      'systemctl --user daemon-reload',
      'systemctl --user enable --now deltaspace.service',
      'systemctl --user disable --now deltaspace.service',
      `remove ${definition.file}`,
      'systemctl --user daemon-reload',
    ]);
  });

  it('is taken back when the platform refuses it', async () => {
    const platform = recorded('enable');
    await expect(installService(definition, platform)).rejects.toMatchObject({
      code: 'service_failed',
      message: 'the service was not installed: no bus',
    });
    expect(platform.log).toContain(`remove ${definition.file}`);
  });

  it('is removed although a tool complains, and the complaint is told', async () => {
    const platform = recorded('disable');
    await platform.write(definition.file, '', 'utf8');
    const { wasInstalled, complaints } = await uninstallService(definition, platform);
    expect(wasInstalled).toBe(true);
    expect(complaints).toEqual(['systemctl --user disable --now deltaspace.service: no bus']);
    expect((await uninstallService(definition, platform)).wasInstalled).toBe(false);
  });
});
