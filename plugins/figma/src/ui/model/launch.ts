/**
 * What the plugin was started for: nothing particular, a re-edit, a board, or an edit from the command bar that is made at once.
 */
import { type ConnectionState } from '@deltaspace/plugin-core';
import { type Launch } from '../../bridge/index.js';
import { type Panel } from './panel.js';
import { isReady } from './panel-state.js';

/** What a start needs of the view. */
export interface LaunchView {
  openVariations(isOpen: boolean): void;
  focusPrompt(): void;
}

/** Does what the plugin was started for; resolves when nothing is left to do. */
export async function runLaunch(panel: Panel, view: LaunchView, launch: Launch): Promise<void> {
  switch (launch.command) {
    case 'open':
    case 'edit': // the layer's recipe is opened with it
      return view.focusPrompt();
    case 'variations':
      return whenFirst(panel, isReady, () => view.openVariations(true));
    case 'quick':
      return runQuick(panel, launch);
  }
}

/** Makes the edit as soon as there is a daemon and a layer, and closes the plugin. What goes wrong stays in the window. */
async function runQuick(panel: Panel, { text, strength }: Extract<Launch, { command: 'quick' }>): Promise<void> {
  panel.setTexts([text]);
  if (strength !== undefined) panel.setStrength(strength, 'done');
  await until(panel, () => panel.state.value.apply.canApply);
  const { targets } = panel.state.value.selection;
  const title = panel.titleOf(panel.state.value.recipe);
  if (targets.length === 1) {
    if (await panel.applyEdit()) await close(panel, `${title} applied.`);
    return;
  }
  await panel.applyBatch('once');
  await until(panel, ({ batch }) => batch === undefined || batch.phase === 'ended');
  const { batch } = panel.state.value;
  const isGood = batch?.batch.items.every(({ state }) => state.kind === 'done') === true;
  if (isGood) await close(panel, `${title}: ${batch.summary}`);
}

async function close(panel: Panel, message: string): Promise<void> {
  await panel.bridge.request('close', { message });
}

function until(panel: Panel, fits: (state: Panel['state']['value']) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (state: Panel['state']['value']): void => {
      if (!fits(state)) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = panel.state.subscribe(look);
    look(panel.state.value);
  });
}

async function whenFirst(panel: Panel, fits: (state: ConnectionState) => boolean, run: () => void): Promise<void> {
  await until(panel, ({ connection }) => fits(connection));
  run();
}
