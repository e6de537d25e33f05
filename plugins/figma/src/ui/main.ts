/**
 * Start of the UI's page: opens the bridge, greets the main side, and writes down what is selected.
 *
 * Only that: it does not edit, connect or store anything yet.
 */
import { type Selection } from '../bridge/index.js';
import { UiBridge } from './ui-bridge.js';

const bridge = new UiBridge({ own: window, parent: window.parent });
const line = document.body.appendChild(document.createElement('p'));

function show({ targets, advice }: Selection): void {
  line.textContent = advice ?? targets.map(({ name }) => name).join(', ');
}

bridge.onSelection(show);
bridge.hello().then(
  ({ selection }) => show(selection),
  (error: unknown) => {
    line.textContent = error instanceof Error ? error.message : String(error);
  },
);
