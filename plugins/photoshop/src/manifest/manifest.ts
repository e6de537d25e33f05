/**
 * The plugin's manifest (version 5), made by code: so that ports, ids and icons cannot differ from what the code uses.
 *
 * The plugin may reach the daemon's loopback ports and nothing else. UXP takes neither wildcards for ports nor bare hosts, so
 * every address is listed. No file access and no clipboard: pixels come and go through Photoshop.
 */
import { daemonPorts } from '@deltaspace/shared-protocol';
import { words } from '../words.js';
import { iconSets, type IconSet } from './icons.js';

export const pluginId = 'space.delta.photoshop';
export const panelId = 'deltaspacePanel';
export const commandIds = { repeatLastEdit: 'repeatLastEdit' } as const;

/** Names of the files of the package that the manifest or the page point to. */
export const packageFiles = { manifest: 'manifest.json', page: 'index.html', script: 'main.js' } as const;

export interface ManifestIcon {
  readonly width: number;
  readonly height: number;
  /** Without `@1x` or `@2x`, which the files on disk have before the extension. */
  readonly path: string;
  readonly scale: readonly number[];
  readonly theme: readonly string[];
  readonly species: readonly string[];
}

export interface ManifestEntryPoint {
  readonly type: 'panel' | 'command';
  readonly id: string;
  readonly label: { readonly default: string };
  readonly [member: string]: unknown;
}

export interface Manifest {
  readonly manifestVersion: 5;
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly main: string;
  readonly host: { readonly app: 'PS'; readonly minVersion: string };
  readonly entrypoints: readonly ManifestEntryPoint[];
  readonly icons: readonly ManifestIcon[];
  readonly requiredPermissions: { readonly network: { readonly domains: readonly string[] } };
}

/** Addresses that the plugin may connect to. */
export function networkDomains(): readonly string[] {
  const origins = daemonPorts.flatMap((port) => [`localhost:${port}`, `127.0.0.1:${port}`]);
  return ['ws', 'http'].flatMap((scheme) => origins.map((origin) => `${scheme}://${origin}`));
}

/** @param version of the plugin, `x.y.z`. */
export function createManifest(version: string): Manifest {
  const panelIcons = iconSets.filter(({ species }) => species === 'chrome');
  return {
    manifestVersion: 5,
    id: pluginId,
    name: words.panelTitle,
    version,
    main: packageFiles.page,
    // 25.0 brought `recordAction` and `Document.selection`; everything else that we use is older.
    host: { app: 'PS', minVersion: '25.0.0' },
    entrypoints: [
      {
        type: 'panel',
        id: panelId,
        label: { default: words.panelTitle },
        minimumSize: { width: 240, height: 320 },
        maximumSize: { width: 2000, height: 4000 },
        preferredDockedSize: { width: 300, height: 560 },
        preferredFloatingSize: { width: 320, height: 600 },
        icons: panelIcons.map(manifestIcon),
      },
      { type: 'command', id: commandIds.repeatLastEdit, label: { default: words.repeatLastEdit } },
    ],
    icons: iconSets.filter(({ species }) => species === 'pluginList').map(manifestIcon),
    requiredPermissions: { network: { domains: networkDomains() } },
  };
}

const manifestIcon = ({ sizePx, path, themes, species }: IconSet): ManifestIcon => ({
  width: sizePx,
  height: sizePx,
  path,
  scale: [1, 2],
  theme: themes,
  species: [species],
});
