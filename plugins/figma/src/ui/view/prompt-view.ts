/**
 * What the layer shall show: texts as chips, and a field with suggestions from the pack.
 *
 * A combobox with a listbox, as ARIA has it: focus stays in the field, arrows move through the list, Enter takes what is
 * marked or what was typed, Escape closes the list, Backspace in an empty field takes the last chip away.
 */
import { addText, chipsOf, removeText, suggestionsOf, type ChipView } from '@deltaspace/plugin-core';
import { element, KeyedList, setAttribute, show } from '../dom/element.js';
import { icon } from '../dom/icons.js';
import { type Panel } from '../model/panel.js';
import { type PanelState } from '../model/panel-state.js';

const listId = 'suggestions';

export class PromptView {
  readonly element: HTMLElement;
  readonly #panel: Panel;
  readonly #chips = element('ul', { class: 'chips', 'aria-label': 'Texts' });
  readonly #chipList: KeyedList<ChipView>;
  readonly #field: HTMLInputElement;
  readonly #options = element('ul', {
    class: 'suggestions',
    id: listId,
    role: 'listbox',
    'aria-label': 'Suggestions',
    hidden: true,
  });
  readonly #optionList: KeyedList<string>;
  #suggestions: readonly string[] = [];
  #marked = -1;
  #isOpen = false;

  constructor(panel: Panel) {
    this.#panel = panel;
    this.#chipList = new KeyedList(
      this.#chips,
      ({ text, unknownWords }) => `${text}\n${unknownWords.join(' ')}`,
      (chip) => this.#makeChip(chip),
    );
    this.#optionList = new KeyedList(
      this.#options,
      (text) => text,
      (text) => element('li', { role: 'option', class: 'suggestion' }, text),
    );
    this.#field = element('input', {
      class: 'prompt-field',
      id: 'prompt',
      type: 'text',
      role: 'combobox',
      'aria-autocomplete': 'list',
      'aria-expanded': 'false',
      'aria-controls': listId,
      autocomplete: 'off',
      maxlength: 200,
    });
    const box = element('div', { class: 'prompt-box' }, this.#chips, this.#field);
    const label = element('label', { class: 'label', for: 'prompt' }, 'Show');
    this.element = element(
      'section',
      { class: 'prompt', 'aria-label': 'Texts' },
      label,
      element('div', { class: 'prompt-anchor' }, box, this.#options),
    );
    this.#listen(box);
  }

  focus(): void {
    this.#field.focus();
  }

  update({ recipe, typed, pack, edit }: PanelState): void {
    const chips = chipsOf(recipe.texts, edit?.preview?.unknownWords);
    this.#chipList.update(chips);
    show(this.#chips, chips.length > 0);
    if (this.#field.value !== typed) this.#field.value = typed;
    setAttribute(this.#field, 'placeholder', chips.length === 0 ? placeholderOf(pack?.suggestions?.[0]) : 'and …');
    this.#suggestions = suggestionsOf(pack, recipe.texts, typed);
    this.#drawSuggestions();
  }

  #drawSuggestions(): void {
    const isShown = this.#isOpen && this.#suggestions.length > 0;
    if (this.#marked >= this.#suggestions.length) this.#marked = -1;
    this.#optionList.update(isShown ? this.#suggestions : []);
    [...this.#options.children].forEach((option, index) => {
      option.id = `suggestion-${index}`;
      setAttribute(option, 'aria-selected', String(index === this.#marked));
      if (index === this.#marked) option.scrollIntoView({ block: 'nearest' });
    });
    show(this.#options, isShown);
    setAttribute(this.#field, 'aria-expanded', String(isShown));
    setAttribute(
      this.#field,
      'aria-activedescendant',
      isShown && this.#marked >= 0 ? `suggestion-${this.#marked}` : undefined,
    );
  }

  #makeChip({ text, label, unknownWords }: ChipView): HTMLElement {
    const remove = element('button', { type: 'button', class: 'chip-remove', 'aria-label': `Remove ${text}` });
    remove.append(icon('close'));
    remove.addEventListener('click', () => {
      this.#remove(text);
      this.#field.focus();
    });
    const words = element('span', { class: 'chip-text', title: text }, label);
    const chip = element('li', { class: 'chip' }, words, remove);
    if (unknownWords.length > 0) {
      setAttribute(chip, 'data-unknown', true);
      setAttribute(words, 'title', `${text} (not known to the pack: ${unknownWords.join(', ')})`);
    }
    return chip;
  }

  #listen(box: HTMLElement): void {
    this.#field.addEventListener('input', () => {
      this.#isOpen = true;
      this.#marked = -1;
      const { value } = this.#field;
      const [typed = '', ...whole] = value.split(',').reverse();
      if (whole.length > 0) this.#add(...whole.reverse());
      this.#panel.type(typed.trimStart());
    });
    this.#field.addEventListener('click', () => this.#open(true));
    this.#field.addEventListener('blur', () => this.#open(false));
    this.#field.addEventListener('keydown', (event) => this.#press(event));
    // Before the field loses the focus to the list.
    this.#options.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      const option = event.target instanceof Element ? event.target.closest('[role="option"]') : null;
      if (option !== null) this.#add(option.textContent);
    });
    box.addEventListener('pointerdown', (event) => {
      if (event.target !== box && event.target !== this.#chips) return;
      event.preventDefault();
      this.#field.focus();
    });
  }

  #press(event: KeyboardEvent): void {
    const { key } = event;
    if (key === 'Enter') {
      const marked = this.#isOpen ? this.#suggestions[this.#marked] : undefined;
      if (event.ctrlKey || event.metaKey || (marked === undefined && this.#field.value.trim() === '')) return;
      event.preventDefault();
      this.#add(marked ?? this.#field.value);
    } else if (key === 'Escape' && this.#isOpen && this.#suggestions.length > 0) {
      event.preventDefault();
      event.stopPropagation();
      this.#open(false);
    } else if (key === 'ArrowDown' || key === 'ArrowUp') {
      event.preventDefault();
      this.#move(key === 'ArrowDown' ? 1 : -1);
    } else if (key === 'Backspace' && this.#field.value === '') {
      const { texts } = this.#panel.state.value.recipe;
      const last = texts[texts.length - 1];
      if (last !== undefined) this.#remove(last);
    }
  }

  /** Past the last comes none, which is the field itself. */
  #move(by: 1 | -1): void {
    if (!this.#isOpen) {
      this.#open(true);
      if (by === 1 && this.#marked < 0) return;
    }
    const places = this.#suggestions.length + 1;
    this.#marked = ((this.#marked + 1 + by + places) % places) - 1;
    this.#drawSuggestions();
  }

  #open(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#marked = -1;
    this.#drawSuggestions();
  }

  #add(...texts: readonly string[]): void {
    this.#isOpen = false;
    this.#marked = -1;
    this.#panel.setTexts(texts.reduce(addText, this.#panel.state.value.recipe.texts));
    this.#drawSuggestions();
  }

  #remove(text: string): void {
    this.#panel.setTexts(removeText(this.#panel.state.value.recipe.texts, text));
  }
}

function placeholderOf(suggestion: string | undefined): string {
  return suggestion === undefined ? 'What shall it show?' : `${suggestion} …`;
}
