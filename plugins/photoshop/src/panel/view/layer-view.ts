/** The layer that is edited, what of it, and the choice among its subjects. */
import type { PanelElement } from '../../host/uxp-globals.js';
import { heightOf, widthOf } from '../../layer/bounds.js';
import { words } from '../../words.js';
import type { PanelModel } from '../model/panel-model.js';
import type { PanelState } from '../model/panel-state.js';
import { button, element, replaceChildren, setText, show } from './element.js';

export class LayerView {
  readonly element: PanelElement;
  readonly #model: PanelModel;
  readonly #name = element('sp-heading', { size: 'XXS', class: 'layer-name' });
  readonly #facts = element('sp-detail', { class: 'layer-facts' });
  readonly #result = element('sp-body', { size: 'XS', class: 'layer-result' });
  readonly #count = element('sp-detail');
  readonly #subjects = element('div', { class: 'subject-numbers' });
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
    if (target.kind === 'none') return setText(this.#result, target.text);
    const { layer, document, bounds, selection } = target;
    setText(this.#name, layer.name);
    const facts = words.layerFacts(document.name, widthOf(bounds), heightOf(bounds));
    setText(this.#facts, selection === undefined ? facts : `${facts}, ${words.insideSelection}`);
    setText(this.#result, result === undefined ? '' : words.reEditHint(layer.name, result.sourceName));
    setText(this.#count, words.severalSubjects(subjects.length));
    replaceChildren(this.#subjects, `${subjects.length} ${subject}`, () =>
      subjects.map((_, index) =>
        button('sp-action-button', String(index + 1), () => this.#model.chooseSubject(index), {
          class: 'subject-number',
          title: words.subject(index + 1),
          ...(index === subject ? { selected: true } : {}),
        }),
      ),
    );
  }
}
