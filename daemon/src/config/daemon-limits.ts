/**
 * How much memory and disk a daemon may take: what the settings say, else the defaults of settings.ts.
 *
 * The daemon process reads these settings itself, so that one started for a single command keeps to them too; flags of
 * `deltaspace start` are handed on to it as they were typed.
 */
import { protocolLimits } from '@deltaspace/shared-protocol';
import { bytesOf, durationMsOf } from './quantities.js';
import { resolveSettings, type ResolvedSettings } from './resolve-settings.js';
import { daemonSettings } from './settings.js';
import { userSettings, type UserSettings } from './user-settings.js';

export interface DaemonLimits {
  /** Bytes of the networks of all packs together, in every thread that has them. */
  readonly modelMemoryBytes: number;
  /** How long the networks of a pack stay in memory after its last job. */
  readonly modelKeepAliveMs: number;
  /** All blobs and interrupted uploads together. */
  readonly storeBytes: number;
  /** Bytes of the disk that blobs leave free. */
  readonly freeFloorBytes: number;
  /** How long an interrupted upload waits for its client. */
  readonly partialUploadMs: number;
  /** Bytes of the folder of inversions and text features. */
  readonly cacheBytes: number;
}

export const defaultLimits: DaemonLimits = {
  modelMemoryBytes: daemonSettings.modelMemoryBytes,
  modelKeepAliveMs: daemonSettings.modelKeepAliveMs,
  storeBytes: protocolLimits.storeBytes,
  freeFloorBytes: daemonSettings.freeFloorBytes,
  partialUploadMs: daemonSettings.partialUploadMs,
  cacheBytes: daemonSettings.cacheBytes,
};

const limitNames = [
  'modelMemory',
  'modelKeepAlive',
  'blobStorage',
  'leaveFree',
  'keepPartial',
  'cacheStorage',
] as const;
type LimitName = (typeof limitNames)[number];

/** Flags that were given, by the name of their setting. */
export type LimitFlags = Partial<Pick<UserSettings, LimitName>>;

/** What flags said, of settings that come from all places. */
export function limitFlagsOf(settings: ResolvedSettings): LimitFlags {
  const given = limitNames.filter((name) => settings[name].origin.kind === 'flag');
  return Object.fromEntries(given.map((name) => [name, settings[name].value]));
}

/** Arguments for the daemon process. */
export function limitArguments(flags: LimitFlags): string[] {
  return limitNames.flatMap((name) => (flags[name] === undefined ? [] : [userSettings[name].flag, flags[name]]));
}

/** The same arguments for `parseArgs`, which leaves the dashes in their names. */
export const limitFlagOptions = Object.fromEntries(
  limitNames.map((name) => [dashed(name), { type: 'string' as const }]),
) as Readonly<Record<string, { type: 'string' }>>;

/**
 * The limits that flags, environment and settings file leave a daemon.
 * @param flags under the names of settings, or with dashes as `parseArgs` has them; others are ignored.
 * @throws SettingsError.
 */
export async function limitsFor(flags: object): Promise<DaemonLimits> {
  const given = flags as Readonly<Record<string, unknown>>;
  const named = Object.fromEntries(limitNames.map((name) => [name, given[name] ?? given[dashed(name)]]));
  const settings = await resolveSettings({ flags: named });
  const bytes = (name: LimitName): number | undefined => read(bytesOf, settings[name].value);
  const milliseconds = (name: LimitName): number | undefined => read(durationMsOf, settings[name].value);
  return {
    modelMemoryBytes: bytes('modelMemory') ?? defaultLimits.modelMemoryBytes,
    modelKeepAliveMs: milliseconds('modelKeepAlive') ?? defaultLimits.modelKeepAliveMs,
    storeBytes: bytes('blobStorage') ?? defaultLimits.storeBytes,
    freeFloorBytes: bytes('leaveFree') ?? defaultLimits.freeFloorBytes,
    partialUploadMs: milliseconds('keepPartial') ?? defaultLimits.partialUploadMs,
    cacheBytes: bytes('cacheStorage') ?? defaultLimits.cacheBytes,
  };
}

const read = (quantity: (text: string) => number | undefined, text: string | undefined): number | undefined =>
  text === undefined ? undefined : quantity(text);

/** `modelMemory` → `model-memory`. */
function dashed(name: LimitName): string {
  return userSettings[name].flag.slice(2);
}
