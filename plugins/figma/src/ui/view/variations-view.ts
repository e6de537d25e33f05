/**
 * The form of a variations board: which kind, and its few choices. What cannot be made yet says what is missing.
 */
import { addText, strengthSlider, withoutNoun } from '@deltaspace/plugin-core';
import { element, setText, show } from '../dom/element.js';
import { boardChoices } from '../model/board-wish.js';
import { gridProblem, readStrengths, usualStrengths } from '../model/strengths.js';
import { type BoardOrder, type Panel } from '../model/panel.js';
import { type PanelState } from '../model/panel-state.js';

type Kind = 'grid' | 'strip' | 'mix';

const kinds: readonly { readonly kind: Kind; readonly label: string }[] = [
  { kind: 'grid', label: 'Grid' },
  { kind: 'strip', label: 'A to B' },
  { kind: 'mix', label: 'Style mix' },
];

/** What would be ordered, or what is missing for it. */
type Draft = { readonly order: BoardOrder; readonly summary: string } | { readonly problem: string };

export class VariationsView {
  readonly element: HTMLElement;
  readonly #panel: Panel;
  readonly #radios = new Map<Kind, HTMLInputElement>();
  readonly #strengths: HTMLInputElement;
  readonly #steps: HTMLInputElement;
  readonly #strengthsRow: HTMLElement;
  readonly #stepsRow: HTMLElement;
  readonly #summary = element('p', { class: 'hint', id: 'board-summary' });
  readonly #make = element(
    'button',
    { type: 'submit', class: 'button primary', 'aria-describedby': 'board-summary' },
    'Make board',
  );
  #hasTypedStrengths = false;

  constructor(panel: Panel) {
    this.#panel = panel;
    const group = element(
      'fieldset',
      { class: 'segments' },
      element('legend', { class: 'visually-hidden' }, 'Kind of board'),
    );
    for (const { kind, label } of kinds) {
      const radio = element('input', { type: 'radio', name: 'board-kind', value: kind, class: 'segment-radio' });
      radio.checked = kind === 'grid';
      radio.addEventListener('change', () => this.update(this.#panel.state.value));
      this.#radios.set(kind, radio);
      group.append(element('label', { class: 'segment' }, radio, element('span', {}, label)));
    }
    this.#strengths = element('input', {
      class: 'field',
      id: 'board-strengths',
      autocomplete: 'off',
      inputmode: 'text',
    });
    this.#strengths.addEventListener('input', () => {
      this.#hasTypedStrengths = true;
      this.update(this.#panel.state.value);
    });
    const { minimum, maximum, initial } = boardChoices.steps;
    this.#steps = element('input', {
      class: 'field',
      id: 'board-steps',
      type: 'number',
      min: minimum,
      max: maximum,
      value: initial,
    });
    this.#steps.addEventListener('input', () => this.update(this.#panel.state.value));
    this.#strengthsRow = row('Strengths', this.#strengths);
    this.#stepsRow = row('Pictures', this.#steps);
    const form = element(
      'form',
      { class: 'variations-form' },
      group,
      this.#strengthsRow,
      this.#stepsRow,
      this.#summary,
      this.#make,
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#order();
    });
    this.element = element(
      'section',
      { class: 'variations', id: 'variations', 'aria-label': 'Variations', hidden: true },
      form,
    );
  }

  /** Moves the focus into the form. */
  focus(): void {
    this.#radios.get(this.#kind)?.focus();
  }

  update(state: PanelState): void {
    const { pack, recipe } = state;
    if (!this.#hasTypedStrengths) this.#strengths.value = usualStrengths(strengthSlider(recipe, pack).initial);
    show(this.#strengthsRow, this.#kind === 'grid');
    show(this.#stepsRow, this.#kind === 'strip');
    const draft = this.#draft(state);
    setText(this.#summary, 'problem' in draft ? draft.problem : draft.summary);
    this.#make.disabled = 'problem' in draft;
  }

  get #kind(): Kind {
    return kinds.find(({ kind }) => this.#radios.get(kind)?.checked === true)?.kind ?? 'grid';
  }

  #order(): void {
    const draft = this.#draft(this.#panel.state.value);
    if ('order' in draft) void this.#panel.applyBoard(draft.order);
  }

  #draft(state: PanelState): Draft {
    const { apply, layer } = state;
    if (layer.kind !== 'ready') return { problem: 'Select a layer first.' };
    if (!apply.canApply && apply.reason !== 'no_text') return { problem: apply.text };
    const texts = addText(state.recipe.texts, state.typed);
    if (this.#kind === 'grid') return this.#draftGrid(texts);
    return this.#kind === 'strip' ? this.#draftStrip(state, texts) : draftMix(state);
  }

  #draftGrid(texts: readonly string[]): Draft {
    if (texts.length === 0) return { problem: 'Add one or several texts: each is a row.' };
    const reading = readStrengths(this.#strengths.value);
    if (!reading.ok) return reading;
    const { strengths } = reading;
    const problem = gridProblem(texts.length, strengths.length);
    if (problem !== undefined) return { problem };
    return {
      order: { kind: 'grid', texts, strengths },
      summary: `${texts.length} × ${strengths.length} pictures, one row per text.`,
    };
  }

  #draftStrip({ selection }: PanelState, texts: readonly string[]): Draft {
    const { minimum, maximum } = boardChoices.steps;
    const steps = Number(this.#steps.value);
    if (!Number.isInteger(steps) || steps < minimum || steps > maximum)
      return { problem: `A strip has ${minimum} to ${maximum} pictures.` };
    const [from, to] = texts;
    if (from !== undefined && to !== undefined) {
      const summary = `From “${withoutNoun(from)}” to “${withoutNoun(to)}”.`;
      return { order: { kind: 'texts', from, to, steps }, summary };
    }
    const [first, other] = selection.targets;
    if (first !== undefined && other !== undefined && texts.length === 0)
      return { order: { kind: 'layers', other, steps }, summary: `From “${first.name}” to “${other.name}”.` };
    return { problem: 'Add two texts, or select two layers and no text: the strip goes from one to the other.' };
  }
}

function draftMix({ selection }: PanelState): Draft {
  const others = selection.targets.slice(1);
  const count = selection.targets.length;
  if (count < 2 || count > boardChoices.mixedLayers)
    return { problem: `Select 2 to ${boardChoices.mixedLayers} layers: each is shown in the style of the others.` };
  return {
    order: { kind: 'mix', others },
    summary: `${count} × ${count} pictures: rows keep their shape, columns give the style. Texts are not used.`,
  };
}

function row(label: string, field: HTMLInputElement): HTMLElement {
  return element('div', { class: 'row' }, element('label', { class: 'row-label', for: field.id }, label), field);
}
