/** A batch as a list: one row per layer with what became of it, the progress of all, cancelling, and keep or take back after that. */
import { progressOf, type BatchItem } from '@deltaspace/plugin-core';
import { element, KeyedList, setAttribute, setText, show } from '../dom/element.js';
import { icon } from '../dom/icons.js';
import { type Panel } from '../model/panel.js';
import { type PanelState } from '../model/panel-state.js';

const words: Readonly<Record<BatchItem['state']['kind'], string>> = {
  waiting: 'waits',
  running: 'being edited',
  done: 'done',
  failed: 'failed',
  cancelled: 'not begun',
};

export class BatchView {
  readonly element: HTMLElement;
  readonly #title = element('h2', { class: 'batch-title' });
  readonly #bar = element('div', {
    class: 'progress',
    role: 'progressbar',
    'aria-label': 'Batch',
    'aria-valuemin': 0,
    'aria-valuemax': 100,
  });
  readonly #list = element('ul', { class: 'batch-items', 'aria-label': 'Layers', tabindex: 0 });
  readonly #items = new KeyedList<BatchItem>(this.#list, keyOf, makeRow);
  readonly #cancel: HTMLButtonElement;
  readonly #keep: HTMLButtonElement;
  readonly #takeBack: HTMLButtonElement;
  readonly #close: HTMLButtonElement;

  constructor(panel: Panel) {
    const button = (text: string, press: () => void): HTMLButtonElement => {
      const made = element('button', { type: 'button', class: 'button secondary small' }, text);
      made.addEventListener('click', press);
      return made;
    };
    this.#bar.append(element('div', { class: 'progress-fill' }));
    this.#cancel = button('Cancel', () => panel.cancel());
    this.#keep = button('Keep', () => void panel.batch?.keep());
    this.#takeBack = button('Take back', () => void panel.batch?.takeBack());
    this.#close = button('Close', () => panel.dismissBatch());
    const buttons = element('div', { class: 'batch-buttons' }, this.#cancel, this.#takeBack, this.#keep, this.#close);
    this.element = element('section', { class: 'batch', 'aria-label': 'Batch', hidden: true });
    this.element.append(element('div', { class: 'batch-head' }, this.#title, buttons), this.#bar, this.#list);
  }

  update({ batch: run }: PanelState): void {
    const isNew = run !== undefined && this.element.hidden === true;
    show(this.element, run !== undefined);
    if (run === undefined) return;
    const { batch, phase, summary } = run;
    const done = batch.items.filter(({ state }) => state.kind === 'done').length;
    const { text, fraction = 0 } = progressOf({ kind: 'batch', progress: batch.progress });
    const titles = {
      running: text,
      asking: `Cancelled after ${done} of ${batch.items.length}. Keep them?`,
      closing: text,
      ended: summary,
    };
    setText(this.#title, titles[phase]);
    setAttribute(this.#bar, 'aria-valuenow', Math.round(100 * fraction));
    this.#bar.style.setProperty('--share', String(fraction));
    show(this.#bar, phase === 'running');
    show(this.#cancel, phase === 'running');
    show(this.#keep, phase === 'asking');
    show(this.#takeBack, phase === 'asking');
    show(this.#close, phase === 'ended');
    this.#items.update(batch.items);
    if (isNew) this.element.scrollIntoView({ block: 'nearest' });
  }
}

function keyOf({ id, state }: BatchItem): string {
  return `${id} ${state.kind}`;
}

function makeRow({ name, state }: BatchItem): HTMLElement {
  const mark = element('span', { class: 'batch-mark' });
  if (state.kind === 'done') mark.append(icon('done'));
  if (state.kind === 'failed') mark.append(icon('failed'));
  const row = element(
    'li',
    { class: 'batch-item', 'data-state': state.kind },
    mark,
    element('span', { class: 'batch-name', title: name }, name),
  );
  row.append(element('span', { class: 'batch-state' }, words[state.kind]));
  if (state.kind === 'failed') row.append(element('span', { class: 'batch-why' }, state.failure.explanation));
  return row;
}
