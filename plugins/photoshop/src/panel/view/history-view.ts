/** Edits of this session, newest first: a click brings the recipe back for the layer that is selected now. */
import type { HistoryEntry } from '@deltaspace/plugin-core';
import type { PanelElement, Picture } from '../../host/uxp-globals.js';
import { words } from '../../words.js';
import type { PanelModel } from '../model/panel-model.js';
import { button, element, replaceChildren, setAttribute, setText, show } from './element.js';
import { PictureView } from './picture-view.js';

const thumbnailBox = { widthPx: 48, heightPx: 48 } as const;

export class HistoryView {
  readonly element: PanelElement;
  readonly #model: PanelModel;
  readonly #strip = element('div', { class: 'strip' });
  readonly #title = element('sp-detail', { class: 'history-title' });
  readonly #keep: PanelElement;
  readonly #chosenRow: PanelElement;
  /** Kept beside the entries, so that a thumbnail is made once and its address given back. */
  readonly #thumbnails = new Map<string, PictureView>();
  #chosen: string | undefined;

  constructor(model: PanelModel) {
    this.#model = model;
    const withChosen = (act: (entry: HistoryEntry) => void) => () => {
      const entry = this.#chosen === undefined ? undefined : model.history.find(this.#chosen);
      if (entry !== undefined) act(entry);
    };
    const restore = button('sp-action-button', words.restore, withChosen((entry) => model.restore(entry)), { class: 'restore' }); // prettier-ignore
    this.#keep = button('sp-action-button', words.favourite, withChosen(({ id, isFavourite }) => model.history.setFavourite(id, !isFavourite)), { class: 'keep', quiet: true }); // prettier-ignore
    const remove = button('sp-action-button', words.remove, withChosen(({ id }) => model.history.remove(id)), { class: 'remove', quiet: true }); // prettier-ignore
    this.#chosenRow = element('div', { class: 'history-row' }, restore, this.#keep, remove);
    const heading = element('sp-detail', { class: 'history-heading' });
    heading.textContent = words.history;
    this.element = element('div', { class: 'section history' }, heading, this.#strip, this.#title, this.#chosenRow);
  }

  update(): void {
    const entries = this.#model.history.entries.value;
    const chosen = entries.find(({ id }) => id === this.#chosen);
    show(this.element, entries.length > 0);
    this.#forget(entries);
    const key = JSON.stringify([this.#chosen, entries.map(({ id, isFavourite }) => [id, isFavourite])]);
    replaceChildren(this.#strip, key, () => entries.map((entry) => this.#entry(entry)));
    show(this.#chosenRow, chosen !== undefined);
    show(this.#title, chosen !== undefined);
    if (chosen === undefined) return;
    setText(this.#title, `${chosen.title} · ${chosen.origin.layerName}`);
    setText(this.#keep, chosen.isFavourite ? words.noLongerFavourite : words.favourite);
  }

  #entry({ id, title, thumbnail, isFavourite }: HistoryEntry): PanelElement {
    const view = this.#thumbnails.get(id) ?? new PictureView('thumbnail');
    this.#thumbnails.set(id, view);
    const picture: Picture | undefined = thumbnail && {
      rgba: thumbnail.bytes,
      widthPx: thumbnail.width,
      heightPx: thumbnail.height,
    };
    view.update(picture, thumbnailBox, title);
    const choose = (): void => {
      this.#chosen = this.#chosen === id ? undefined : id;
      this.update();
    };
    const made = button('sp-action-button', '', choose, { title });
    setAttribute(made, 'class', ['entry', id === this.#chosen && 'chosen', isFavourite && 'favourite'].filter(Boolean).join(' ')); // prettier-ignore
    made.appendChild(view.element);
    return made;
  }

  #forget(entries: readonly HistoryEntry[]): void {
    for (const [id, view] of this.#thumbnails) {
      if (entries.some((entry) => entry.id === id)) continue;
      view.update(undefined, thumbnailBox);
      this.#thumbnails.delete(id);
    }
  }
}
