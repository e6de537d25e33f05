/**
 * What the plugin was started for: nothing particular, a re-edit, a board, or an edit from the command bar that is made at once.
 */
import { emptyRecipe, type ConnectionState } from '@deltaspace/plugin-core';
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

/**
 * Makes the edit as soon as there is a daemon and a layer, and closes the plugin. The window is hidden; it comes up when somebody
 * has to do something first, or when it went wrong.
 */
async function runQuick(panel: Panel, launch: Extract<Launch, { command: 'quick' }>): Promise<void> {
  const stopWatching = panel.state.subscribe((state) => {
    if (!needsSomebody(state)) return;
    stopWatching();
    void panel.bridge.request('show', {});
  });
  panel.holdRecipe(true); // what was typed is wanted, not what the layer was edited with before
  const isDone = await makeQuickEdit(panel, launch);
  if (isDone) return;
  panel.holdRecipe(false);
  stopWatching();
  await panel.bridge.request('show', {});
}

function needsSomebody({ connection, selection, layer }: Panel['state']['value']): boolean {
  const isNothingSelected = selection.targets.length === 0;
  return isStuck(connection) || isNothingSelected || layer.kind === 'failed';
}

/** Whether waiting alone does not help. A daemon that loads its packs is ready in a moment. */
function isStuck(connection: ConnectionState): boolean {
  if (connection.kind === 'connected')
    return connection.notice !== undefined && connection.notice.code !== 'daemon_loading';
  return connection.kind === 'unpaired' || connection.kind === 'waiting';
}

/** Whether all of it was done; the plugin is closed then. */
async function makeQuickEdit(
  panel: Panel,
  { text, strength }: Extract<Launch, { command: 'quick' }>,
): Promise<boolean> {
  panel.useRecipe({ ...emptyRecipe, texts: [text], ...(strength === undefined ? {} : { strength }) });
  await until(panel, ({ apply }) => apply.canApply);
  const { targets } = panel.state.value.selection;
  const title = panel.titleOf(panel.state.value.recipe);
  if (targets.length === 1) {
    const isApplied = await panel.applyEdit();
    if (isApplied) close(panel, `${title} applied.`);
    return isApplied;
  }
  await panel.applyBatch('once');
  await until(panel, ({ batch }) => batch === undefined || batch.phase === 'ended');
  const { batch } = panel.state.value;
  const isGood = batch?.batch.items.every(({ state }) => state.kind === 'done') === true;
  if (isGood) close(panel, `${title}: ${batch.summary}`);
  return isGood;
}

/** There is no answer: the page ends with the plugin. */
function close(panel: Panel, message: string): void {
  void panel.bridge.request('close', { message });
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
