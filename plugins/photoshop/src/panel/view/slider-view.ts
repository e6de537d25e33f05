/**
 * A slider with its label and value. UXP's has no step, so it counts whole steps itself; while it is dragged its value is not
 * set from outside.
 */
import type { ChangeKind, SliderView as Slider } from '@deltaspace/plugin-core';
import type { PanelElement } from '../../host/uxp-globals.js';
import { button, element, setAttribute, setText, show } from './element.js';

export class SliderView {
  readonly element: PanelElement;
  readonly #slider = element('sp-slider', { 'show-value': 'false', class: 'slider' });
  readonly #label = element('sp-label', { slot: 'label' });
  readonly #value = element('sp-detail', { class: 'slider-value' });
  readonly #reset: PanelElement;
  #shown: Slider | undefined;
  #isDragged = false;

  /** @param change called with the new value; undefined takes it back to the default. */
  constructor(change: (value: number | undefined, kind: ChangeKind) => void) {
    this.#slider.appendChild(this.#label);
    const read = (kind: ChangeKind): void => {
      this.#isDragged = kind === 'drag';
      const { step } = this.#shown ?? { step: 1 };
      // Multiples of 0.1 as people write them, not as binary fractions add up.
      change(Number((Math.round(Number(this.#slider.value ?? 0)) * step).toFixed(4)), kind);
    };
    this.#slider.addEventListener('input', () => read('drag'));
    this.#slider.addEventListener('change', () => read('done'));
    this.#reset = button('sp-action-button', '↺', () => change(undefined, 'done'), { class: 'reset', quiet: true });
    const head = element('div', { class: 'slider-head' }, this.#value, this.#reset);
    this.element = element('div', { class: 'slider-row' }, this.#slider, head);
  }

  update(slider: Slider): void {
    this.#shown = slider;
    const { step, minimum, maximum, value, label, hint, valueText, isDefault } = slider;
    setText(this.#label, label);
    setText(this.#value, valueText);
    setAttribute(this.element, 'title', hint);
    setAttribute(this.#reset, 'title', 'Back to the default of the pack');
    show(this.#reset, !isDefault);
    setAttribute(this.#slider, 'min', Math.round(minimum / step));
    setAttribute(this.#slider, 'max', Math.round(maximum / step));
    const position = Math.round(value / step);
    if (!this.#isDragged && Number(this.#slider.value) !== position) this.#slider.value = position;
  }
}
