/**
 * Where the plugin starts in Photoshop: puts the real modules together and says what Photoshop may call.
 *
 * Everything here happens while the script is first run, because entry points that are set up later are not heard of. There
 * is no panel yet: its root shows what commands have to say.
 */
import { hostModules, setUpEntryPoints } from '../host/modules.js';
import { createPhotoshopPort } from '../host/photoshop-host.js';
import { panelId } from '../manifest/manifest.js';
import { createCommands } from './commands.js';

interface TextElement {
  textContent: string | null;
}

let root: TextElement | undefined;

const port = createPhotoshopPort(hostModules);
const commands = createCommands({
  port,
  lastEdit: () => undefined,
  tell: (text) => {
    if (root !== undefined) root.textContent = text;
  },
});

setUpEntryPoints({
  commands,
  panels: {
    [panelId]: {
      create: (rootNode) => {
        root = rootNode as TextElement;
      },
    },
  },
});
