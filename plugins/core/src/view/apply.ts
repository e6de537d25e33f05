/**
 * Whether the button "Apply" works, and why not.
 */
import type { Recipe } from '@deltaspace/shared-protocol';
import type { ConnectionState } from '../connection/state.js';
import type { EditSessionState } from '../editing/edit-session.js';
import { targetText } from '../recipe/texts.js';

export type ApplyView =
  | { readonly canApply: true }
  | {
      readonly canApply: false;
      readonly reason: 'not_connected' | 'not_ready' | 'no_layer' | 'no_text' | 'pack_missing' | 'busy';
      readonly text: string;
    };

/**
 * @param session the session of the selected layer; undefined when no layer can be edited, and then
 *   `layerProblem` may say why ("The layer is locked.").
 */
export function applyOf(
  connection: ConnectionState,
  session: Pick<EditSessionState, 'recipe' | 'activity'> | undefined,
  layerProblem?: string,
): ApplyView {
  if (connection.kind !== 'connected') return no('not_connected', connection.problem.title);
  if (connection.notice !== undefined) return no('not_ready', connection.notice.title);
  if (session === undefined) return no('no_layer', layerProblem ?? 'Select a layer to edit.');
  if (targetText(session.recipe.texts) === undefined) return no('no_text', 'Say what the layer shall show.');
  const { pack } = session.recipe;
  if (pack !== undefined && !connection.packs.some(({ id }) => id === pack)) {
    return no('pack_missing', `The pack "${pack}" is not installed.`);
  }
  const { activity } = session;
  if (activity !== undefined && activity.kind !== 'preview') return no('busy', 'Wait for the edit, or cancel it.');
  return { canApply: true };
}

function no(reason: Exclude<ApplyView, { canApply: true }>['reason'], text: string): ApplyView {
  return { canApply: false, reason, text };
}

/** Whether two recipes make the same edit. */
export function isSameRecipe(one: Recipe, other: Recipe): boolean {
  const members = new Set([...Object.keys(one), ...Object.keys(other)] as (keyof Recipe)[]);
  return [...members].every((name) => JSON.stringify(one[name]) === JSON.stringify(other[name]));
}
