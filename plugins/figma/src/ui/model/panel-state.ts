/**
 * What the panel shows, as one immutable value, and what follows from the rest of it: the pack in use, whether “Apply” works.
 */
import {
  addText,
  applyOf,
  type Activity,
  type ApplyView,
  type ConnectionState,
  type PackSummary,
  type Recipe,
} from '@deltaspace/plugin-core';
import { type Selection } from '../../bridge/index.js';
import { type BatchRunState } from './batch-run.js';
import { type EditorState } from './layer-editor.js';

/** What runs and changes the document when it is done. */
export interface Task {
  readonly kind: 'apply' | 'board';
  readonly layerName: string;
  readonly activity: Activity | undefined;
}

/** What came of the last command. */
export interface Notice {
  readonly tone: 'plain' | 'problem';
  readonly title: string;
  readonly text: string;
}

export interface PanelState extends EditorState {
  readonly connection: ConnectionState;
  readonly pack: PackSummary | undefined;
  readonly selection: Selection;
  /** What stands in the field and is no chip yet. */
  readonly typed: string;
  readonly apply: ApplyView;
  readonly task: Task | undefined;
  readonly batch: BatchRunState | undefined;
  readonly notice: Notice | undefined;
}

/** Whether the daemon can edit now. */
export function isReady(state: ConnectionState): boolean {
  return state.kind === 'connected' && state.notice === undefined;
}

/** The pack that an edit will use, as the daemon chooses when the recipe names none. */
export function packOf(connection: ConnectionState, recipe: Recipe): PackSummary | undefined {
  const packs = connection.kind === 'connected' ? connection.packs : [];
  return packs.find(({ id }) => id === (recipe.pack ?? 'avatars')) ?? packs[0];
}

/** Whether something runs, or waits for an answer, that changes the document. */
export function isBusy({ task, batch }: Pick<PanelState, 'task' | 'batch'>): boolean {
  return task !== undefined || (batch !== undefined && batch.phase !== 'ended');
}

export function applyView(state: Omit<PanelState, 'apply' | 'pack'>): ApplyView {
  const { connection, recipe, typed, edit, layer, selection } = state;
  if (isBusy(state)) return { canApply: false, reason: 'busy', text: 'Wait for the edit, or cancel it.' };
  const shown = { ...recipe, texts: [...addText(recipe.texts, typed)] };
  const session = edit === undefined ? undefined : { recipe: shown, activity: edit.activity };
  const why =
    layer.kind === 'failed'
      ? layer.failure.explanation
      : layer.kind === 'capturing'
        ? 'Reading the layer…'
        : selection.advice;
  return applyOf(connection, session, why);
}
