/**
 * What users can set, in one table: the key in the file, the variable, the flag, and what values fit.
 *
 * A flag wins over the environment, the environment over the file (resolve-settings.ts). Settings that nobody should need to
 * change are in settings.ts instead.
 */
import * as z from 'zod';
import { durationSchema, sizeSchema } from './quantities.js';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface UserSettings {
  /** Data folder; its default depends on the platform. */
  readonly data: string;
  readonly port: number;
  readonly listen: string;
  readonly listenName: readonly string[];
  readonly tlsCert: string;
  readonly tlsKey: string;
  readonly insecureListen: boolean;
  readonly openMetrics: boolean;
  readonly logLevel: LogLevel;
  /** Sizes and durations are texts with a unit: quantities.ts. */
  readonly modelMemory: string;
  readonly modelKeepAlive: string;
  readonly blobStorage: string;
  readonly leaveFree: string;
  readonly keepPartial: string;
  readonly cacheStorage: string;
}

export type SettingName = keyof UserSettings;

export interface Setting {
  /** Members from the top of the file. */
  readonly key: readonly [string] | readonly [string, string];
  readonly variable: string;
  readonly flag: string;
  readonly schema: z.ZodType;
  /** How a text from the environment or a flag becomes a value; a text of its own when left out. */
  readonly fromText?: (text: string) => unknown;
  /** A file or folder: relative ones in the file are found from the file. */
  readonly isPath?: boolean;
}

const text = z.string().min(1).max(4096);
const port = z.int().min(1).max(65_535);
const flag = z.boolean();
const numberOf = (word: string): unknown => (/^\d+$/.test(word) ? Number(word) : word);
const flagOf = (word: string): unknown => ({ 1: true, true: true, 0: false, false: false })[word] ?? word;
const listOf = (words: string): unknown => words.split(',').map((word) => word.trim());

/** Names are those of the flags in camel case, as commander hands them over. */
export const userSettings: Readonly<Record<SettingName, Setting>> = {
  data: { key: ['data'], variable: 'DELTASPACE_DATA', flag: '--data', schema: text, isPath: true },
  port: { key: ['port'], variable: 'DELTASPACE_PORT', flag: '--port', schema: port, fromText: numberOf },
  listen: { key: ['listen', 'address'], variable: 'DELTASPACE_LISTEN', flag: '--listen', schema: text },
  listenName: {
    key: ['listen', 'names'],
    variable: 'DELTASPACE_LISTEN_NAMES',
    flag: '--listen-name',
    schema: z.array(text).max(16),
    fromText: listOf,
  },
  tlsCert: {
    key: ['listen', 'tls_cert'],
    variable: 'DELTASPACE_TLS_CERT',
    flag: '--tls-cert',
    schema: text,
    isPath: true,
  },
  tlsKey: { key: ['listen', 'tls_key'], variable: 'DELTASPACE_TLS_KEY', flag: '--tls-key', schema: text, isPath: true },
  insecureListen: {
    key: ['listen', 'insecure'],
    variable: 'DELTASPACE_INSECURE_LISTEN',
    flag: '--insecure-listen',
    schema: flag,
    fromText: flagOf,
  },
  openMetrics: {
    key: ['metrics', 'open'],
    variable: 'DELTASPACE_OPEN_METRICS',
    flag: '--open-metrics',
    schema: flag,
    fromText: flagOf,
  },
  logLevel: {
    key: ['log', 'level'],
    variable: 'DELTASPACE_LOG_LEVEL',
    flag: '--log-level',
    schema: z.enum(logLevels),
  },
  modelMemory: {
    key: ['models', 'memory'],
    variable: 'DELTASPACE_MODEL_MEMORY',
    flag: '--model-memory',
    schema: sizeSchema('1 MiB', '16 TiB'),
  },
  modelKeepAlive: {
    key: ['models', 'keep_alive'],
    variable: 'DELTASPACE_MODEL_KEEP_ALIVE',
    flag: '--model-keep-alive',
    schema: durationSchema('0 s', '7 d'),
  },
  blobStorage: {
    key: ['storage', 'blobs'],
    variable: 'DELTASPACE_BLOB_STORAGE',
    flag: '--blob-storage',
    schema: sizeSchema('16 MiB', '1024 TiB'),
  },
  leaveFree: {
    key: ['storage', 'leave_free'],
    variable: 'DELTASPACE_LEAVE_FREE',
    flag: '--leave-free',
    schema: sizeSchema('0 B', '1024 TiB'),
  },
  keepPartial: {
    key: ['storage', 'keep_partial'],
    variable: 'DELTASPACE_KEEP_PARTIAL',
    flag: '--keep-partial',
    schema: durationSchema('0 s', '30 d'),
  },
  cacheStorage: {
    key: ['storage', 'cache'],
    variable: 'DELTASPACE_CACHE_STORAGE',
    flag: '--cache-storage',
    schema: sizeSchema('0 B', '1024 TiB'),
  },
};

export const settingNames = Object.keys(userSettings) as SettingName[];

/** A setting has a value that does not fit, or the file cannot be read. The message says where. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly code = 'settings_invalid';
}
