/** Start of the UI's page: opens the bridge and greets the main side, so that its window has a selection to show. */
import { UiBridge } from './ui-bridge.js';

const bridge = new UiBridge({ own: window, parent: window.parent });
const status = document.body.appendChild(document.createElement('p'));

function show({
  targets,
  advice,
}: {
  readonly targets: readonly { readonly name: string }[];
  readonly advice?: string;
}): void {
  status.textContent = advice ?? targets.map(({ name }) => name).join(', ');
}

bridge.onSelection(show);
bridge.hello().then(
  ({ selection }) => show(selection),
  (error: unknown) => (status.textContent = error instanceof Error ? error.message : String(error)),
);
