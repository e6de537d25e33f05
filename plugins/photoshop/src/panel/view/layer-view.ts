/** The layer that is edited, what of it, and the choice among its subjects. */
import type { PanelElement } from '../../host/uxp-globals.js';
import { heightOf, widthOf } from '../../layer/bounds.js';
import { words } from '../../words.js';
import type { PanelModel } from '../model/panel-model.js';
import type { PanelState } from '../model/panel-state.js';
import { button, element, replaceChildren, setText, show } from './element.js';
import { PictureView } from './picture-view.js';

const subjectBox = { widthPx: 40, heightPx: 40 } as const;

export class LayerView {
  readonly element: PanelElement;
  readonly #model: PanelModel;
  readonly #name = element('sp-heading', { size: 'XXS', class: 'layer-name' });
  readonly #facts = element('sp-detail', { class: 'layer-facts' });
  readonly #result = element('sp-body', { size: 'XS', class: 'layer-result' });
  readonly #count = element('sp-detail');
  readonly #subjects = element('div', { class: 'subject-numbers' });
  /** The pictures that are shown, whose addresses are given back when there are others. */
  #pictures: readonly PictureView[] = [];
  #shown: PanelState['subjects'] = [];
  /** Counts the lists of subjects: a new one is drawn anew, even of the same length. */
  #turn = 0;
  readonly #chooser = element('div', { class: 'subjects' }, this.#count, this.#subjects);

  constructor(model: PanelModel) {
    this.#model = model;
    const parts = [this.#name, this.#facts, this.#result, this.#chooser];
    this.element = element('div', { class: 'section layer' }, ...parts);
  }

  update({ target, subjects, subject }: PanelState): void {
    show(this.#name, target.kind === 'layer');
    show(this.#facts, target.kind === 'layer');
    show(this.#chooser, subjects.length > 1);
    const result = target.kind === 'layer' ? target.result : undefined;
    show(this.#result, target.kind === 'none' || result !== undefined);
    if (target.kind === 'none') {
      this.#showPictures([]);
      return setText(this.#result, target.text);
    }
    const { layer, document, bounds, selection } = target;
    setText(this.#name, layer.name);
    const facts = words.layerFacts(document.name, widthOf(bounds), heightOf(bounds));
    setText(this.#facts, selection === undefined ? facts : `${facts}, ${words.insideSelection}`);
    setText(this.#result, result === undefined ? '' : words.reEditHint(layer.name, result.sourceName));
    setText(this.#count, words.severalSubjects(subjects.length));
    this.#showPictures(subjects);
    replaceChildren(this.#subjects, `${this.#turn} ${subject}`, () =>
      this.#pictures.map((picture, index) => {
        const choose = (): void => this.#model.chooseSubject(index);
        const className = index === subject ? 'subject chosen' : 'subject';
        const made = button('sp-action-button', '', choose, { class: className, title: words.subject(index + 1) });
        made.appendChild(picture.element);
        made.appendChild(element('div', { class: 'subject-number' }, String(index + 1)));
        return made;
      }),
    );
  }

  #showPictures(subjects: PanelState['subjects']): void {
    if (subjects === this.#shown) return;
    this.#shown = subjects;
    this.#turn += 1;
    for (const picture of this.#pictures) picture.update(undefined, subjectBox);
    this.#pictures = subjects.map(({ picture }, index) => {
      const view = new PictureView('thumbnail');
      view.update(picture, subjectBox, words.subject(index + 1));
      return view;
    });
  }
}
