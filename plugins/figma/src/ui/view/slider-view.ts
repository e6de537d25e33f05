/**
 * A slider with its value and a mark where the pack begins. A double click, or the button beside it, takes it back there.
 */
import { type ChangeKind, type SliderView as Slider } from '@deltaspace/plugin-core';
import { element, setAttribute, setText, show } from '../dom/element.js';
import { icon } from '../dom/icons.js';

export class SliderView {
  readonly element: HTMLElement;
  readonly #range: HTMLInputElement;
  readonly #value = element('output', { class: 'slider-value' });
  readonly #reset: HTMLButtonElement;
  readonly #label = element('label', { class: 'slider-label' });
  readonly #track = element('div', { class: 'slider-track' });

  /** `change` gets undefined when the value is left to the pack again. */
  constructor(id: string, change: (value: number | undefined, kind: ChangeKind) => void) {
    this.#range = element('input', { type: 'range', class: 'slider-range', id });
    setAttribute(this.#label, 'for', id);
    setAttribute(this.#value, 'for', id);
    this.#reset = element('button', { type: 'button', class: 'icon-button slider-reset' });
    this.#reset.append(icon('reset'));
    this.#range.addEventListener('input', () => change(Number(this.#range.value), 'drag'));
    this.#range.addEventListener('change', () => change(Number(this.#range.value), 'done'));
    const reset = (): void => change(undefined, 'done');
    this.#range.addEventListener('dblclick', reset);
    this.#reset.addEventListener('click', () => {
      reset();
      this.#range.focus();
    });
    this.#track.append(element('span', { class: 'slider-mark', 'aria-hidden': 'true' }), this.#range);
    this.element = element('div', { class: 'slider' }, this.#label, this.#reset, this.#track, this.#value);
  }

  update({ label, minimum, maximum, step, value, valueText, initial, isDefault, hint }: Slider): void {
    setText(this.#label, label);
    setAttribute(this.#range, 'min', minimum);
    setAttribute(this.#range, 'max', maximum);
    setAttribute(this.#range, 'step', step);
    if (Number(this.#range.value) !== value) this.#range.value = String(value);
    setAttribute(this.#range, 'aria-valuetext', isDefault ? `${valueText}, the usual` : valueText);
    setAttribute(this.#range, 'title', hint);
    setText(this.#value, valueText);
    setAttribute(this.#reset, 'aria-label', `Reset ${label.toLowerCase()}`);
    setAttribute(this.#reset, 'title', `Back to the usual`);
    // Hidden without leaving a gap that jumps: it keeps its place.
    setAttribute(this.#reset, 'data-hidden', isDefault);
    this.#reset.disabled = isDefault;
    const share = (at: number): string => String((at - minimum) / (maximum - minimum));
    this.#track.style.setProperty('--value', share(value));
    this.#track.style.setProperty('--initial', share(initial));
    const zero = Math.min(Math.max(0, minimum), maximum);
    this.#track.style.setProperty('--zero', share(zero));
    show(this.element, true);
  }
}
