/** What to change, as chips: a field to type into, the texts that are there, and what the pack is good at. */
import { addText, chipsOf, removeText, suggestionsOf } from '@deltaspace/plugin-core';
import type { PanelElement } from '../../host/uxp-globals.js';
import { words } from '../../words.js';
import type { PanelModel } from '../model/panel-model.js';
import type { PanelState } from '../model/panel-state.js';
import { button, element, isKey, replaceChildren, setAttribute, setDisabled } from './element.js';

export class PromptView {
  readonly element: PanelElement;
  readonly #model: PanelModel;
  readonly #field = element('sp-textfield', { class: 'prompt-field', 'aria-label': words.prompt });
  readonly #add: PanelElement;
  readonly #chips = element('div', { class: 'chips' });
  readonly #suggestions = element('div', { class: 'suggestions' });

  constructor(model: PanelModel) {
    this.#model = model;
    this.#add = button('sp-action-button', words.add, () => this.#addTyped(), { class: 'add' });
    this.#field.addEventListener('keydown', (event) => {
      if (isKey(event, 'Enter')) this.#addTyped();
    });
    this.#field.addEventListener('input', () => this.update(model.state.value));
    const row = element('div', { class: 'prompt-row' }, this.#field, this.#add);
    this.element = element('div', { class: 'section' }, row, this.#chips, this.#suggestions);
  }

  update({ recipe, session, pack }: PanelState): void {
    const { texts } = recipe;
    const chips = chipsOf(texts, session?.preview?.unknownWords ?? []);
    setAttribute(this.#field, 'placeholder', texts.length === 0 ? words.prompt : words.promptMore);
    setDisabled(this.#add, this.#typed.trim() === '');
    replaceChildren(this.#chips, JSON.stringify(chips), () =>
      chips.map(({ text, label, unknownWords }) => {
        const remove = (): void =>
          this.#model.change({ texts: [...removeText(this.#model.state.value.recipe.texts, text)] });
        const className = unknownWords.length === 0 ? 'chip' : 'chip unknown';
        return button('sp-action-button', `${label} ×`, remove, { class: className, title: text });
      }),
    );
    // They take room: shown to begin with, and for what is typed.
    const isAsked = texts.length === 0 || this.#typed.trim() !== '';
    const offered = isAsked ? chipsOf(suggestionsOf(pack, texts, this.#typed)) : [];
    replaceChildren(this.#suggestions, JSON.stringify(offered), () =>
      offered.map(({ text, label }) =>
        button('sp-action-button', label, () => this.#addText(text), { class: 'suggestion', quiet: true, title: text }),
      ),
    );
  }

  get #typed(): string {
    return String(this.#field.value ?? '');
  }

  #addTyped(): void {
    this.#addText(this.#typed);
  }

  #addText(text: string): void {
    const { texts } = this.#model.state.value.recipe;
    const added = addText(texts, text);
    if (added === texts) return;
    this.#field.value = '';
    this.#model.change({ texts: [...added] });
    this.#field.focus();
  }
}
