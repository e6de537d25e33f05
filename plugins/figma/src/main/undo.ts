/**
 * Undo steps. What a plugin does is one step until it says `commitUndo`, together with what the user does meanwhile.
 *
 * Hence a step is closed before and after each of our actions. Between the two nothing must be awaited.
 */

/** Runs an action as a step of its own, also when it fails half-way: undo then takes back the half. */
export function asOneUndo<T>(action: () => T): T {
  figma.commitUndo();
  try {
    return action();
  } finally {
    figma.commitUndo();
  }
}
