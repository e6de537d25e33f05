/** The head of the panel: what is selected, what is to be known about it, and why it cannot be edited. */
import { element, KeyedList, setText, show } from '../dom/element.js';
import { icon } from '../dom/icons.js';
import { Picture } from '../dom/picture.js';
import { type Refusal, type Target } from '../../bridge/index.js';
import { type PanelState } from '../model/panel-state.js';

/** Refusals that are listed one by one; more are counted. */
const listedRefusals = 3;

export class SelectionView {
  readonly element: HTMLElement;
  readonly #thumbnail = new Picture('', 'thumbnail');
  readonly #name = element('h1', { class: 'selection-name' });
  readonly #what = element('p', { class: 'selection-what' });
  readonly #notes = element('ul', { class: 'notes', 'aria-label': 'Notes' });
  readonly #noteList = new KeyedList<string>(
    this.#notes,
    (note) => note,
    (note) => element('li', {}, note),
  );

  constructor(menu: HTMLElement) {
    const frame = element('div', { class: 'thumbnail-frame' }, icon('image'), this.#thumbnail.element);
    this.element = element(
      'header',
      { class: 'selection' },
      element(
        'div',
        { class: 'selection-row' },
        frame,
        element('div', { class: 'selection-words' }, this.#name, this.#what),
        menu,
      ),
      this.#notes,
    );
  }

  update({ selection, layer, notes }: PanelState): void {
    const { targets, refusals } = selection;
    const [target] = targets;
    setText(this.#name, nameOf(targets, refusals));
    this.#name.title = target?.name ?? '';
    setText(this.#what, target === undefined ? (selection.advice ?? '') : whatOf(targets, selection.selectedCount));
    this.#thumbnail.show(layer.kind === 'ready' ? layer.picture.bytes : undefined);
    const refused = target === undefined && refusals.length <= 1 ? [] : refusalNotes(refusals);
    const all = [...(layer.kind === 'failed' ? [layer.failure.explanation] : notes), ...refused];
    this.#noteList.update(all);
    show(this.#notes, all.length > 0);
  }
}

function nameOf(targets: readonly Target[], refusals: readonly Refusal[]): string {
  const [first] = targets;
  if (first === undefined) return refusals.length === 1 ? (refusals[0]?.name ?? '') : 'Nothing to edit';
  return targets.length === 1 ? first.name : `${first.name} and ${targets.length - 1} more`;
}

function whatOf(targets: readonly Target[], selectedCount: number): string {
  const [first] = targets as [Target, ...Target[]];
  if (targets.length > 1) {
    const more = selectedCount > targets.length ? ` of ${selectedCount}` : '';
    return `${targets.length}${more} layers can be edited`;
  }
  const size = `${Math.round(first.widthPx)} × ${Math.round(first.heightPx)}`;
  return first.kind === 'fill'
    ? `Image fill, ${size}`
    : `${kindName(first.nodeType)}, ${size}: the result is laid over it`;
}

/** `BOOLEAN_OPERATION` → `Boolean operation`. */
function kindName(nodeType: string): string {
  const words = nodeType.toLowerCase().replace(/_/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function refusalNotes(refusals: readonly Refusal[]): string[] {
  const listed = refusals.slice(0, listedRefusals).map(({ name, message }) => `${name}: ${message}`);
  const more = refusals.length - listed.length;
  return more > 0 ? [...listed, `${more} more cannot be edited.`] : listed;
}
