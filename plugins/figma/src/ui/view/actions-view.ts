/**
 * The foot of the panel: Apply and Variations, what runs and how to cancel it, and what came of it.
 */
import { progressOf } from '@deltaspace/plugin-core';
import { element, setAttribute, setText, show } from '../dom/element.js';
import { icon } from '../dom/icons.js';
import { type Panel } from '../model/panel.js';
import { type PanelState, type Task } from '../model/panel-state.js';

const verbs: Readonly<Record<Task['kind'], string>> = { apply: 'Applying…', board: 'Placing…' };

export class ActionsView {
  readonly element: HTMLElement;
  readonly #panel: Panel;
  readonly #apply = element('button', { type: 'button', class: 'button primary', 'aria-describedby': 'apply-reason' });
  readonly #variations: HTMLButtonElement;
  readonly #reason = element('p', { class: 'hint', id: 'apply-reason' });
  readonly #undo: HTMLInputElement;
  readonly #undoRow: HTMLElement;
  readonly #task = element('div', { class: 'task' });
  readonly #taskText = element('span', { class: 'task-text' });
  readonly #taskBar = element('div', {
    class: 'progress',
    role: 'progressbar',
    'aria-label': 'Progress',
    'aria-valuemin': 0,
    'aria-valuemax': 100,
  });
  readonly #notice = element('div', { class: 'notice' });
  readonly #noticeTitle = element('strong', { class: 'notice-title' });
  readonly #noticeText = element('span', { class: 'notice-text' });

  constructor(panel: Panel, toggleVariations: () => void) {
    this.#panel = panel;
    this.#variations = element(
      'button',
      { type: 'button', class: 'button secondary', 'aria-expanded': 'false', 'aria-controls': 'variations' },
      'Variations',
    );
    this.#variations.addEventListener('click', toggleVariations);
    this.#apply.addEventListener('click', () => void this.apply());
    this.#undo = element('input', { type: 'checkbox', id: 'undo-once', class: 'checkbox' });
    this.#undo.checked = true;
    this.#undoRow = element('label', { class: 'check-row', for: 'undo-once' }, this.#undo, 'One undo for all layers');
    const cancel = element('button', { type: 'button', class: 'button secondary small' }, 'Cancel');
    cancel.addEventListener('click', () => panel.cancel());
    this.#taskBar.append(element('div', { class: 'progress-fill' }));
    this.#task.append(element('div', { class: 'task-row' }, this.#taskText, cancel), this.#taskBar);
    const dismiss = element('button', {
      type: 'button',
      class: 'icon-button',
      'aria-label': 'Dismiss',
      title: 'Dismiss',
    });
    dismiss.append(icon('close'));
    dismiss.addEventListener('click', () => panel.dismissNotice());
    this.#notice.append(element('div', { class: 'notice-words' }, this.#noticeTitle, this.#noticeText), dismiss);
    const buttons = element('div', { class: 'buttons' }, this.#variations, this.#apply);
    this.element = element(
      'footer',
      { class: 'actions' },
      this.#notice,
      this.#task,
      this.#undoRow,
      this.#reason,
      buttons,
    );
  }

  update(state: PanelState, areVariationsOpen: boolean): void {
    const { apply, task, notice, selection, batch } = state;
    const count = selection.targets.length;
    setText(this.#apply, count > 1 ? `Apply to ${count} layers` : 'Apply');
    this.#apply.disabled = !apply.canApply;
    setAttribute(this.#variations, 'aria-expanded', String(areVariationsOpen));
    show(this.#undoRow, count > 1 && (batch === undefined || batch.phase === 'ended'));
    // What runs is seen, and the head of the panel says what is wrong with the selection.
    const isSaid = apply.canApply || apply.reason === 'busy' || apply.reason === 'no_layer';
    setText(this.#reason, isSaid ? '' : apply.text);
    show(this.#reason, this.#reason.textContent !== '');
    show(this.#task, task !== undefined);
    if (task !== undefined) this.#updateTask(task);
    show(this.#notice, notice !== undefined && task === undefined);
    setAttribute(this.#notice, 'data-tone', notice?.tone);
    setText(this.#noticeTitle, notice?.title ?? '');
    setText(this.#noticeText, notice?.text ?? '');
  }

  #updateTask({ kind, activity }: Task): void {
    const { text, fraction } =
      activity === undefined ? { text: verbs[kind], fraction: undefined } : progressOf(activity);
    setText(this.#taskText, text);
    setAttribute(this.#taskBar, 'aria-valuenow', fraction === undefined ? undefined : Math.round(100 * fraction));
    setAttribute(this.#taskBar, 'aria-valuetext', text);
    setAttribute(this.#taskBar, 'data-unknown', fraction === undefined);
    this.#taskBar.style.setProperty('--share', String(fraction ?? 0));
  }

  /** Does what the button says: one layer, or all that are selected. */
  async apply(): Promise<void> {
    if (this.#apply.disabled) return;
    if (this.#panel.state.value.selection.targets.length > 1)
      await this.#panel.applyBatch(this.#undo.checked ? 'once' : 'each');
    else await this.#panel.applyEdit();
  }
}
