/**
 * One value for each setting, and where it comes from: flag, else environment, else file, else default.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { explainIssue } from '@deltaspace/shared-protocol';
import { chooseDataRoot } from './data-directory.js';
import type { FileValue } from './settings-file.js';
import { settingNames, SettingsError, userSettings, type SettingName, type UserSettings } from './user-settings.js';

export type Origin =
  | { readonly kind: 'default' }
  | { readonly kind: 'file'; readonly file: string; readonly line: number }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'flag'; readonly flag: string };

/** A value is undefined when nothing was set and there is no default. */
export type ResolvedSettings = {
  readonly [Name in SettingName]: { readonly value: UserSettings[Name] | undefined; readonly origin: Origin };
};

export interface SettingSources {
  /** Flags as commander hands them over; those of other names are ignored. */
  readonly flags: object;
  readonly environment?: NodeJS.ProcessEnv;
  readonly platform?: NodeJS.Platform;
}

/** @throws SettingsError that names the file and line, the variable or the flag. */
export async function resolveSettings(sources: SettingSources): Promise<ResolvedSettings> {
  const { flags, environment = process.env, platform = process.platform } = sources;
  const file = settingsFile(environment, platform);
  const fromFile = existsSync(file) ? await readFrom(file) : {};
  const resolve = (name: SettingName): { value: unknown; origin: Origin } => {
    const { variable, flag } = userSettings[name];
    const given = (flags as Readonly<Record<string, unknown>>)[name];
    if (given !== undefined) return { value: check(name, given, flag), origin: { kind: 'flag', flag } };
    const word = environment[variable];
    if (word !== undefined && word !== '') {
      return { value: check(name, word, variable), origin: { kind: 'environment', variable } };
    }
    const inFile = fromFile[name];
    if (inFile !== undefined) return { value: inFile.value, origin: { kind: 'file', file, line: inFile.line } };
    return { value: defaultOf(name, environment, platform), origin: { kind: 'default' } };
  };
  return Object.fromEntries(settingNames.map((name) => [name, resolve(name)])) as unknown as ResolvedSettings;
}

/** DELTASPACE_CONFIG, else `deltaspace/config.toml` in the platform's place for configuration. */
export function settingsFile(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const named = environment['DELTASPACE_CONFIG'];
  if (named !== undefined && named !== '') return path.resolve(named);
  return path.join(configurationRoot(environment, platform), 'deltaspace', 'config.toml');
}

/** For people: `flag --port`, `environment DELTASPACE_PORT`, `FILE:3`, `default`. */
export function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'default':
      return 'default';
    case 'file':
      return `${origin.file}:${origin.line}`;
    case 'environment':
      return `environment ${origin.variable}`;
    case 'flag':
      return `flag ${origin.flag}`;
  }
}

/** Loads the parser only where there is something to parse. */
async function readFrom(file: string): Promise<Partial<Record<SettingName, FileValue>>> {
  return (await import('./settings-file.js')).readSettingsFile(file);
}

function configurationRoot(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform === 'win32') return environment['APPDATA'] ?? path.join(homedir(), 'AppData', 'Roaming');
  if (platform === 'darwin') return path.join(homedir(), 'Library', 'Application Support');
  const xdg = environment['XDG_CONFIG_HOME'];
  return xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(homedir(), '.config');
}

function check(name: SettingName, given: unknown, where: string): unknown {
  const { schema, fromText, isPath = false } = userSettings[name];
  const value = typeof given === 'string' && fromText !== undefined ? fromText(given) : given;
  const checked = schema.safeParse(value, { error: explainIssue });
  if (!checked.success) throw new SettingsError(`${where}: ${checked.error.issues[0]?.message ?? 'does not fit'}`);
  return isPath ? path.resolve(checked.data as string) : checked.data;
}

function defaultOf(name: SettingName, environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): unknown {
  if (name === 'data') return chooseDataRoot(undefined, { ...environment, DELTASPACE_DATA: '' }, platform);
  return { logLevel: 'info', openMetrics: false, insecureListen: false, provider: 'auto' }[name as string];
}
