import { emptyRecipe, Subject, type ConnectionState, type Recipe } from '@deltaspace/plugin-core';
import { describe, expect, it } from 'vitest';
import { runLaunch } from './launch.js';
import { type Panel } from './panel.js';

/** As much of a panel as a start uses; the connection is there, with something to say about it. */
function panelWith(code: string) {
  const asked: string[] = [];
  const notice = { code };
  const state = new Subject({
    connection: { kind: 'connected', notice } as unknown as ConnectionState,
    selection: { targets: [{}], refusals: [], selectedCount: 1 },
    layer: { kind: 'ready' },
    recipe: emptyRecipe,
    apply: { canApply: false },
  });
  const panel = {
    state,
    holdRecipe: () => undefined,
    useRecipe: (recipe: Recipe) => state.set({ ...state.value, recipe }),
    bridge: { request: (name: string) => (asked.push(name), Promise.resolve({})) },
  };
  return { asked, panel: panel as unknown as Panel };
}

const view = { openVariations: () => undefined, focusPrompt: () => undefined };

describe('an edit of the command bar', () => {
  it.each([
    ['no_packs', ['show']],
    ['daemon_broken', ['show']],
    ['daemon_loading', []],
  ])('shows its window when the daemon cannot edit, not while it loads (%s)', (code, requests) => {
    const { asked, panel } = panelWith(code);
    void runLaunch(panel, view, { command: 'quick', text: 'hat' });
    expect(asked).toEqual(requests);
  });
});
