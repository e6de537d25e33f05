/**
 * The user's settings file: TOML, checked strictly, every complaint with the line it is about.
 *
 * The parser tells no positions of keys. They are found with the parser itself, which knows all forms that TOML has: the shortest
 * beginning of the file that holds a key ends with the statement that set it.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { explainIssue } from '@deltaspace/shared-protocol';
import { parse, TomlError, type TomlTable } from 'smol-toml';
import * as z from 'zod';
import { settingNames, SettingsError, userSettings, type SettingName } from './user-settings.js';

export interface FileValue {
  readonly value: unknown;
  /** From 1. */
  readonly line: number;
}

/** A settings file has a dozen lines; finding lines takes time that grows with their square. */
const limits = { bytes: 64 * 1024, lines: 1000 } as const;

/** @throws SettingsError with FILE:LINE. */
export async function readSettingsFile(file: string): Promise<Partial<Record<SettingName, FileValue>>> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new SettingsError(`${file} cannot be read: ${cause.message}`, { cause });
  });
  return parseSettings(text, file);
}

/** @throws SettingsError with FILE:LINE. */
export function parseSettings(text: string, file: string): Partial<Record<SettingName, FileValue>> {
  if (text.length > limits.bytes || text.split('\n').length > limits.lines) {
    throw new SettingsError(`${file}: at most ${limits.bytes} bytes and ${limits.lines} lines are read`);
  }
  const table = parseToml(text, file);
  const checked = fileSchema().safeParse(table, { error: explainIssue });
  if (!checked.success)
    throw new SettingsError(checked.error.issues.map((issue) => tell(issue, text, file)).join('\n'));
  const values: Partial<Record<SettingName, FileValue>> = {};
  for (const name of settingNames) {
    const { key, isPath = false } = userSettings[name];
    const value = valueAt(table, key);
    if (value === undefined) continue;
    const resolved = isPath ? path.resolve(path.dirname(file), value as string) : value;
    values[name] = { value: resolved, line: lineOf(text, key) };
  }
  return values;
}

/** The line where the statement begins that sets a key; 1 when none does. */
export function lineOf(text: string, key: readonly string[]): number {
  const lines = text.split('\n');
  let begin = 1;
  for (let end = 1; end <= lines.length; end++) {
    const table = tryParse(lines.slice(0, end).join('\n'));
    if (table === undefined) continue; // in the middle of a statement
    if (valueAt(table, key) !== undefined) return begin;
    begin = end + 1;
  }
  return 1;
}

function parseToml(text: string, file: string): TomlTable {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const words = error.message.split('\n')[0]?.replace('Invalid TOML document: ', '') ?? '';
    throw new SettingsError(`${file}:${error.line}: ${words}`, { cause: error });
  }
}

function tryParse(text: string): TomlTable | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** One strict object, with one for each table in it. */
function fileSchema(): z.ZodType {
  const shape: Record<string, Record<string, z.ZodType>> = {};
  const top: Record<string, z.ZodType> = {};
  for (const { key, schema } of Object.values(userSettings)) {
    const [first, second] = key;
    if (second === undefined) top[first] = schema.optional();
    else shape[first] = { ...shape[first], [second]: schema.optional() };
  }
  for (const [name, members] of Object.entries(shape)) top[name] = z.strictObject(members).optional();
  return z.strictObject(top);
}

function tell(issue: z.core.$ZodIssue, text: string, file: string): string {
  const at = issue.path.filter((member) => typeof member === 'string');
  const key = issue.code === 'unrecognized_keys' ? [...at, issue.keys[0] ?? ''] : at;
  const words = issue.code === 'unrecognized_keys' ? `unknown setting; there are ${knownBelow(at)}` : issue.message;
  return `${file}:${lineOf(text, key)}: ${key.join('.')}: ${words}`;
}

function knownBelow(table: readonly string[]): string {
  const keys = settingNames.map((name) => userSettings[name].key.join('.'));
  return keys.filter((key) => table.length === 0 || key.startsWith(`${table.join('.')}.`)).join(', ');
}

function valueAt(table: TomlTable, key: readonly string[]): unknown {
  return key.reduce<unknown>((value, member) => {
    const isTable = typeof value === 'object' && value !== null && Object.hasOwn(value, member);
    return isTable ? (value as Record<string, unknown>)[member] : undefined;
  }, table);
}
