/** The button that makes the layer, what runs meanwhile, and what is to be said afterwards. */
import { applyOf, progressOf, type ProgressView } from '@deltaspace/plugin-core';
import type { PanelElement } from '../../host/uxp-globals.js';
import { words } from '../../words.js';
import type { PanelModel } from '../model/panel-model.js';
import type { ApplyTask, PanelState } from '../model/panel-state.js';
import { button, element, setAttribute, setDisabled, setText, show } from './element.js';

export class ApplyView {
  readonly element: PanelElement;
  readonly #apply: PanelElement;
  readonly #cancel: PanelElement;
  readonly #why = element('sp-detail', { class: 'why' });
  readonly #line = element('sp-detail', { class: 'progress-text' });
  readonly #bar = element('sp-progressbar', { max: 100, value: 0, 'show-value': 'false', class: 'bar' });
  readonly #notice = element('sp-body', { size: 'XS', class: 'notice-text' });
  readonly #place: PanelElement;
  readonly #noticeBox: PanelElement;

  constructor(model: PanelModel) {
    this.#apply = button('sp-button', words.apply, () => void model.apply(), { variant: 'cta', class: 'apply' });
    this.#cancel = button('sp-button', words.cancel, () => model.cancel(), { variant: 'secondary', class: 'cancel' });
    this.#place = button('sp-action-button', words.place, () => void model.place(), { class: 'place' });
    const dismiss = button('sp-action-button', words.dismiss, () => model.dismiss(), { class: 'dismiss', quiet: true });
    this.#noticeBox = element('div', { class: 'notice' }, this.#notice, this.#place, dismiss);
    const buttons = element('div', { class: 'apply-row' }, this.#apply, this.#cancel);
    this.element = element('div', { class: 'section' }, this.#noticeBox, this.#line, this.#bar, buttons, this.#why);
  }

  update({ connection, session, recipe, target, task, notice }: PanelState): void {
    const result = target.kind === 'layer' ? target.result : undefined;
    setText(this.#apply, result === undefined ? words.apply : words.replace);
    const edited = target.kind === 'layer' ? { recipe, activity: session?.activity } : undefined;
    const problem = target.kind === 'none' ? target.text : undefined;
    const view = applyOf(connection, edited, problem);
    setDisabled(this.#apply, !view.canApply || task !== undefined);
    // The banner and the layer's section say it themselves.
    const isSaid = view.canApply || ['not_connected', 'not_ready', 'no_layer', 'busy'].includes(view.reason);
    setText(this.#why, isSaid ? '' : view.text);
    show(this.#why, !isSaid && task === undefined);
    this.#updateProgress(task === undefined ? session?.activity && progressOf(session.activity) : progressOfTask(task));
    show(this.#cancel, session?.activity !== undefined || (task !== undefined && task.stage !== 'writing'));
    show(this.#noticeBox, notice !== undefined);
    setAttribute(this.#noticeBox, 'class', `notice ${notice?.tone ?? ''}`);
    setText(this.#notice, notice?.text ?? '');
    show(this.#place, notice?.action === 'place');
  }

  #updateProgress(progress: ProgressView | undefined): void {
    show(this.#line, progress !== undefined);
    show(this.#bar, progress !== undefined);
    if (progress === undefined) return;
    setText(this.#line, progress.text);
    setAttribute(this.#bar, 'value', Math.round((progress.fraction ?? 0) * 100));
  }
}

function progressOfTask({ stage, activity, layerName }: ApplyTask): ProgressView {
  if (stage === 'writing') return { text: words.writingTheLayer, fraction: 1 };
  const { text, fraction } =
    activity === undefined ? { text: words.readingTheLayer, fraction: 0 } : progressOf(activity);
  return { text: `${layerName}: ${text}`, fraction };
}
