/**
 * Where the plugin starts in Photoshop: puts the real modules together and says what Photoshop may call.
 *
 * Everything here happens while the script is first run, because entry points that are set up later are not heard of. The connection
 * is the plugin's: commands and recorded actions work while the panel is closed.
 */
import '../host/own-property.js';
import { Connection } from '@deltaspace/plugin-core';
import { hostModules, hostVersion, secureStorage, setUpEntryPoints } from '../host/modules.js';
import { createPhotoshopPort } from '../host/photoshop-host.js';
import { createUxpPlatform } from '../host/uxp-platform.js';
import { enableReplay } from '../layer/actions.js';
import { panelId } from '../manifest/manifest.js';
import { createCommands } from './commands.js';
import { createDaemonEdit, sayingWhy } from './model/daemon-edit.js';
import { PanelModel } from './model/panel-model.js';
import { buildPanel } from './view/panel-view.js';

/** From the package's description, put in when the plugin is built. */
declare const pluginVersion: string;

const port = createPhotoshopPort(hostModules);
const platform = createUxpPlatform({ secureStorage, pluginVersion, hostVersion });
const connection = new Connection(platform);
const edit = createDaemonEdit(connection, platform);
const model = new PanelModel({ port, platform, connection });
/** Whether there is a panel that can say something; whether it is visible, UXP does not tell. */
let isPanelBuilt = false;

const onWritten = (): void => {
  if (isPanelBuilt) model.wroteElsewhere();
};

enableReplay(port, sayingWhy(edit), onWritten);
setUpEntryPoints({
  commands: createCommands({
    port,
    onWritten,
    lastEdit: () => (model.lastRecipe === undefined ? undefined : { edit, recipe: model.lastRecipe }),
    tell: (text) => {
      if (isPanelBuilt) model.tell({ tone: 'info', text });
      else void port.alert(text);
    },
  }),
  panels: {
    [panelId]: {
      create: (root) => {
        isPanelBuilt = true;
        buildPanel(root, { model, connection, platform });
        void model.start();
      },
    },
  },
});
connection.start();
