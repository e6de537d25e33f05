/**
 * Start of the main side: what Figma runs in its sandbox, with the document and without a network.
 *
 * Refuses editors that cannot be written to, answers the command bar, restores without a window, and otherwise opens
 * the window and answers it. What the UI may ask for is in bridge/messages.ts.
 */
import { type Launch, type ToUi } from '../bridge/index.js';
import { launchOf, suggest } from './quick-action.js';
import { answerUi } from './requests.js';
import { restore } from './restore.js';
import { currentSelection } from './targets.js';
import { openWindow } from './window.js';
import { words } from './words.js';

/** Selections that change within this time are told once. Dragging a marquee changes it at every frame. */
const selectionQuietMs = 60;

/** What to say where the plugin cannot work; null where it can. */
function wrongEditor(): string | null {
  if (figma.editorType === 'dev') return words.wrongEditor.dev;
  return figma.editorType === 'figma' ? null : words.wrongEditor.other;
}

/** The menu entry “Restore original”: needs no window. */
async function restoreSelection(): Promise<void> {
  const selected = figma.currentPage.selection.map(({ id }) => id);
  if (selected.length === 0) return figma.closePlugin(words.selectSomething);
  const { restoredIds, failures } = await restore(selected);
  if (restoredIds.length > 0) return figma.closePlugin(words.restored(restoredIds.length));
  figma.closePlugin(failures.length === 1 ? failures[0]?.message : words.nothingRestored);
}

function openFor(launch: Launch): void {
  let pending: number | undefined;
  const stopTelling = (): void => {
    if (pending !== undefined) clearTimeout(pending);
    pending = undefined;
  };
  const tellSelection = (): void => {
    stopTelling();
    pending = setTimeout(() => {
      pending = undefined;
      const message: ToUi = { type: 'selection', selection: currentSelection() };
      figma.ui.postMessage(message);
    }, selectionQuietMs);
  };
  openWindow(launch.command !== 'quick');
  const answer = answerUi(launch, { changed: tellSelection, closing: stopTelling });
  figma.ui.onmessage = (message: unknown) => void answer(message);
  figma.on('selectionchange', tellSelection);
  figma.on('currentpagechange', tellSelection);
}

function start(): void {
  const refusal = wrongEditor();
  if (refusal !== null) return figma.closePlugin(refusal);
  figma.parameters.on('input', (event) => void suggest(event));
  figma.on('run', (event) => {
    if (event.command === 'restore') void restoreSelection();
    else openFor(launchOf(event as RunParametersEvent));
  });
}

start();
