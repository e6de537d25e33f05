/**
 * The plugin's manifest, made rather than written: its ports are those of the protocol.
 *
 * Least privilege: no permission, loopback only, one exact address per port and scheme. Figma allows neither a wildcard for ports nor
 * a range, and takes `localhost` where it is not known to take 127.0.0.1.
 */
import { daemonPorts } from '@deltaspace/shared-protocol';
import { type Manifest } from './manifest-schema.js';

/** Names of the files in the packaged folder. */
export const packagedFiles = { manifest: 'manifest.json', code: 'code.js', ui: 'ui.html' } as const;

/** Commands that `src/main` handles; `edit` and `variations` are also buttons on edited layers. */
export const commands = { open: 'open', edit: 'edit', variations: 'variations', restore: 'restore' } as const;

/** Figma takes any id for a plugin that is imported from its manifest; publishing one replaces it by Figma's own number. */
const developmentId = 'deltaspace-development';

/** Where a daemon may be: WebSocket for the protocol, HTTP to say hello, pair and fetch tickets. */
export function daemonAddresses(ports: readonly number[] = daemonPorts): string[] {
  return ports.flatMap((port) => [`ws://localhost:${port}`, `http://localhost:${port}`]);
}

/** The manifest as an object; `JSON.stringify` gives the file. */
export function createManifest(ports: readonly number[] = daemonPorts): Manifest {
  return {
    name: 'deltaspace',
    id: developmentId,
    api: '1.0.0',
    main: packagedFiles.code,
    ui: packagedFiles.ui,
    editorType: ['figma'],
    documentAccess: 'dynamic-page',
    networkAccess: {
      allowedDomains: daemonAddresses(ports),
      reasoning:
        'The plugin talks to the deltaspace daemon on this computer, which edits the images. Nothing is sent anywhere else.',
    },
    menu: [
      {
        name: 'Edit…',
        command: commands.open,
        parameterOnly: false,
        parameters: [
          { name: 'Text', key: 'text', description: 'What to change: “sunglasses”, “a smile”', allowFreeform: true },
          {
            name: 'Strength',
            key: 'strength',
            description: 'How much, −10 to 10',
            allowFreeform: true,
            optional: true,
          },
        ],
      },
      { name: 'Variations board…', command: commands.variations },
      { separator: true },
      { name: 'Restore original', command: commands.restore },
    ],
    relaunchButtons: [
      { command: commands.edit, name: 'Re-edit' },
      { command: commands.variations, name: 'More variations' },
    ],
  };
}
