/**
 * Edits of this session as a strip of thumbnails, newest first. A click takes the recipe up again for the layer in hand; the buttons
 * of the one that is chosen apply it at once, pin it, show its layer, or take it off.
 */
import { type HistoryEntry } from '@deltaspace/plugin-core';
import { element, KeyedList, setAttribute, setText, show } from '../dom/element.js';
import { icon, type IconName } from '../dom/icons.js';
import { Picture } from '../dom/picture.js';
import { type Panel } from '../model/panel.js';

export class HistoryView {
  readonly element: HTMLElement;
  readonly #panel: Panel;
  readonly #strip = element('ul', { class: 'history-strip', 'aria-label': 'Edits of this session, newest first' });
  readonly #list: KeyedList<HistoryEntry>;
  readonly #chosen = element('div', { class: 'history-chosen', hidden: true });
  readonly #title = element('span', { class: 'history-title' });
  readonly #favourite: HTMLButtonElement;
  #chosenId: string | undefined;

  constructor(panel: Panel) {
    this.#panel = panel;
    this.#list = new KeyedList<HistoryEntry>(
      this.#strip,
      ({ id, isFavourite }) => `${id} ${isFavourite}`,
      (entry) => this.#makeEntry(entry),
    );
    const button = (name: IconName, label: string, press: (entry: HistoryEntry) => void): HTMLButtonElement => {
      const made = element('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label });
      made.append(icon(name));
      made.addEventListener('click', () => {
        const entry = this.#entry;
        if (entry !== undefined) press(entry);
      });
      return made;
    };
    this.#favourite = button('star', 'Favourite', ({ id, isFavourite }) => {
      panel.history.setFavourite(id, !isFavourite);
    });
    const again = element('button', { type: 'button', class: 'button secondary small' }, 'Apply again');
    again.addEventListener('click', () => {
      const entry = this.#entry;
      if (entry === undefined) return;
      panel.useRecipe(entry.recipe);
      void panel.applyEdit();
    });
    this.#chosen.append(
      this.#title,
      again,
      this.#favourite,
      button('layers', 'Show the layer', (entry) => void panel.reveal(entry)),
      button('close', 'Remove from the history', ({ id }) => panel.history.remove(id)),
    );
    this.element = element('section', { class: 'history', 'aria-label': 'History', hidden: true });
    this.element.append(element('h2', { class: 'label' }, 'History'), this.#strip, this.#chosen);
    panel.history.entries.subscribe(() => this.update());
  }

  get #entry(): HistoryEntry | undefined {
    return this.#chosenId === undefined ? undefined : this.#panel.history.find(this.#chosenId);
  }

  update(): void {
    const entries = this.#panel.history.entries.value;
    show(this.element, entries.length > 0);
    this.#list.update(entries);
    const entry = this.#entry;
    show(this.#chosen, entry !== undefined);
    entries.forEach(({ id }, index) =>
      setAttribute(
        this.#strip.children[index]?.firstElementChild as Element,
        'aria-pressed',
        String(id === this.#chosenId),
      ),
    );
    if (entry === undefined) return;
    setText(this.#title, `${entry.title} · ${entry.origin.layerName}`);
    setAttribute(this.#favourite, 'aria-pressed', String(entry.isFavourite));
  }

  #makeEntry({ id, title, recipe, thumbnail, isFavourite, origin }: HistoryEntry): HTMLElement {
    const choose = element('button', {
      type: 'button',
      class: 'history-entry',
      'aria-label': `${title}, ${origin.layerName}`,
      title,
    });
    const picture = new Picture('', 'history-picture');
    if (thumbnail?.encoding === 'png') picture.show({ key: id, bytes: thumbnail.bytes, mediaType: 'image/png' });
    choose.append(picture.element);
    if (isFavourite) choose.append(icon('star'));
    choose.addEventListener('click', () => {
      this.#chosenId = this.#chosenId === id ? undefined : id;
      if (this.#chosenId !== undefined) this.#panel.useRecipe(recipe);
      this.update();
    });
    return element('li', {}, choose);
  }
}
