import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeOrigin, resolveSettings, settingsFile } from './resolve-settings.js';
import { lineOf, parseSettings } from './settings-file.js';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'deltaspace-settings-'));
  file = path.join(folder, 'config.toml');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('settings', () => {
  it('come from the flag, else the environment, else the file, else the default', async () => {
    await writeFile(file, 'port = 1001\n\n[metrics]\nopen = true\n\n[log]\nlevel = "warn"\n');
    const environment = { DELTASPACE_CONFIG: file, DELTASPACE_PORT: '1002', DELTASPACE_LOG_LEVEL: 'error' };
    const settings = await resolveSettings({ flags: { logLevel: 'debug', foreground: true }, environment });
    expect(settings.logLevel).toEqual({ value: 'debug', origin: { kind: 'flag', flag: '--log-level' } });
    expect(settings.port).toEqual({ value: 1002, origin: { kind: 'environment', variable: 'DELTASPACE_PORT' } });
    expect(settings.openMetrics).toEqual({ value: true, origin: { kind: 'file', file, line: 4 } });
    expect(settings.insecureListen).toEqual({ value: false, origin: { kind: 'default' } });
    expect(describeOrigin(settings.openMetrics.origin)).toBe(`${file}:4`);
  });

  it('have defaults where there is no file, and take an empty variable for none', async () => {
    const environment = { DELTASPACE_CONFIG: file, DELTASPACE_DATA: '', XDG_DATA_HOME: '/xdg' };
    const settings = await resolveSettings({ flags: {}, environment, platform: 'linux' });
    expect(settings.data).toEqual({ value: '/xdg/deltaspace', origin: { kind: 'default' } });
    expect(settings.port.value).toBeUndefined();
  });

  it('find relative paths of the file from the file, others from where the command runs', async () => {
    await writeFile(file, 'data = "here"\n[listen]\ntls_cert = "c.pem"\n');
    const environment = { DELTASPACE_CONFIG: file, DELTASPACE_TLS_KEY: 'k.pem' };
    const settings = await resolveSettings({ flags: {}, environment });
    expect(settings.data.value).toBe(path.join(folder, 'here'));
    expect(settings.tlsCert.value).toBe(path.join(folder, 'c.pem'));
    expect(settings.tlsKey.value).toBe(path.resolve('k.pem'));
  });

  it.each([
    [{ DELTASPACE_PORT: 'http' }, /^DELTASPACE_PORT: expected a number, got "http"/],
    [{ DELTASPACE_PORT: '70000' }, /^DELTASPACE_PORT: expected at most 65535/],
    [{ DELTASPACE_OPEN_METRICS: 'yes' }, /^DELTASPACE_OPEN_METRICS: expected true or false/],
    [{ DELTASPACE_LOG_LEVEL: 'loud' }, /^DELTASPACE_LOG_LEVEL: expected "trace"/],
  ])('of the environment are checked: %j', async (environment, message) => {
    await expect(
      resolveSettings({ flags: {}, environment: { ...environment, DELTASPACE_CONFIG: file } }),
    ).rejects.toThrow(message);
  });

  it('read lists and flags from the environment', async () => {
    const environment = {
      DELTASPACE_CONFIG: file,
      DELTASPACE_LISTEN_NAMES: 'a.lan, b.lan',
      DELTASPACE_OPEN_METRICS: '1',
    };
    const settings = await resolveSettings({ flags: {}, environment });
    expect(settings.listenName.value).toEqual(['a.lan', 'b.lan']);
    expect(settings.openMetrics.value).toBe(true);
  });

  it('lie where the platform keeps configuration', () => {
    expect(settingsFile({ XDG_CONFIG_HOME: '/cfg' }, 'linux')).toBe('/cfg/deltaspace/config.toml');
    expect(settingsFile({ XDG_CONFIG_HOME: 'relative' }, 'linux')).toMatch(/\.config\/deltaspace\/config\.toml$/);
    expect(settingsFile({}, 'darwin')).toContain('Application Support');
  });
});

describe('complaints about the settings file', () => {
  it.each([
    ['a value of another kind', 'port = "x"', 'f.toml:1: port: expected a number, got "x"'],
    ['one after a comment and a table', '# mine\n\n[log]\nlevel = "loud"', 'f.toml:4: log.level: expected "trace"'],
    ['a dotted key', 'port = 1\nlog.level = 3', 'f.toml:2: log.level: expected'],
    [
      'a list over several lines',
      'port = 1\n[listen]\nnames = [\n  "a",\n  3,\n]',
      'f.toml:3: listen.names: expected a text',
    ],
    ['a misspelt key', '[listen]\naddress = "1.2.3.4"\ntls-cert = "c"', 'f.toml:3: listen.tls-cert: unknown setting'],
    ['an unknown table', 'port = 1\n[lisen]\na = 1', 'f.toml:2: lisen: unknown setting; there are data, port'],
    ['broken TOML', 'port = 1\nlog = [\n\n', 'f.toml:'],
    ['a key that is set twice', 'port = 1\nport = 2', 'f.toml:2: '],
  ])('name the line: %s', (_name, text, message) => {
    expect(() => parseSettings(text, 'f.toml')).toThrow(message);
  });

  it('come all at once', () => {
    expect(() => parseSettings('port = 0\n[log]\nlevel = 1', 'f')).toThrow(/^f:1: port.*\nf:3: log\.level/s);
  });

  it('are made of files that are too long as well', () => {
    expect(() => parseSettings('\n'.repeat(1001), 'f')).toThrow(/1000 lines/);
  });
});

it('lineOf finds a key behind text that looks like one', () => {
  expect(lineOf('data = """\nport = 3\n"""\n# port = 4\nport = 5', ['port'])).toBe(5);
});
