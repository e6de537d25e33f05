/**
 * Start of the UI's page: bridge, platform, panel, view; then what the plugin was started for.
 *
 * `daemonPorts` of the protocol, unless the plugin was packaged for others: the packaging step writes them in.
 */
import { daemonPorts } from '@deltaspace/shared-protocol';
import { runLaunch } from './model/launch.js';
import { Panel } from './model/panel.js';
import { createPlatform } from './platform/browser-platform.js';
import { UiBridge } from './ui-bridge.js';
import { PanelView } from './view/panel-view.js';

declare const PACKAGED_PORTS: readonly number[] | undefined;

const ports = typeof PACKAGED_PORTS === 'undefined' ? daemonPorts : PACKAGED_PORTS;
const bridge = new UiBridge({ own: window, parent: window.parent });
const panel = new Panel(bridge, createPlatform(bridge, ports));
const view = new PanelView(panel, document.body);

bridge.hello().then(
  async ({ launch, selection }) => {
    panel.select(selection); // at once: the next message may hold a newer one
    panel.connection.start();
    await panel.presets.load();
    await runLaunch(panel, view, launch);
  },
  (error: unknown) => {
    document.body.replaceChildren(error instanceof Error ? error.message : String(error));
  },
);
