/** What a screen reader is told without being asked: outcomes and failures, once each. Progress is left out: it would never stop. */
import { element, setText } from '../dom/element.js';
import { type PanelState } from '../model/panel-state.js';

export class Announcer {
  readonly element: HTMLElement;
  readonly #polite = element('div', { role: 'status', 'aria-live': 'polite' });
  readonly #urgent = element('div', { role: 'alert' });

  constructor() {
    this.element = element('div', { class: 'visually-hidden' }, this.#polite, this.#urgent);
  }

  update({ notice, task, batch, edit, apply }: PanelState): void {
    const failure = edit?.failure;
    const sentence = notice === undefined ? '' : `${notice.title}. ${notice.text}`;
    const isProblem = notice?.tone === 'problem';
    const preview =
      edit?.preview !== undefined && !edit.isPreviewStale && edit.activity === undefined ? 'Preview ready.' : '';
    const ended =
      batch?.phase === 'ended'
        ? batch.summary
        : batch?.phase === 'asking'
          ? 'Cancelled. Keep what was edited, or take it back?'
          : '';
    const busy = task === undefined ? '' : 'Working.';
    setText(this.#polite, (isProblem ? '' : sentence) || ended || busy || preview);
    const why = failure === undefined || isConnectionGone(apply) ? '' : `${failure.title}. ${failure.explanation}`;
    setText(this.#urgent, isProblem ? sentence : why);
  }
}

/** The banner tells it then. */
function isConnectionGone(apply: PanelState['apply']): boolean {
  return !apply.canApply && apply.reason === 'not_connected';
}
