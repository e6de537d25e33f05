/**
 * The preview: the newest result, the layer as it was while "Before" is held, or the heat map; below it what the edit could not
 * do, in words.
 */
import { targetText, warningsOf } from '@deltaspace/plugin-core';
import type { Picture, PanelElement } from '../../host/uxp-globals.js';
import { words } from '../../words.js';
import type { PanelModel } from '../model/panel-model.js';
import type { PanelState } from '../model/panel-state.js';
import { pictureOf } from '../model/pictures.js';
import { button, element, isKey, replaceChildren, setAttribute, setDisabled, setText, show } from './element.js';
import { PictureView } from './picture-view.js';

/** The box that pictures are fitted into: as wide as the panel without its paddings and borders, and never higher than this. */
const box = { heightPx: 240, leastWidthPx: 120, marginPx: 34 } as const;

export class PreviewView {
  readonly element: PanelElement;
  readonly #model: PanelModel;
  readonly #root: PanelElement;
  readonly #picture = new PictureView('preview-picture');
  readonly #hint = element('sp-body', { size: 'XS', class: 'hint' });
  readonly #make: PanelElement;
  readonly #label = element('sp-detail', { class: 'preview-label' });
  readonly #hold: PanelElement;
  readonly #heat: PanelElement;
  readonly #warnings = element('div', { class: 'warnings' });
  readonly #pictures = new WeakMap<Uint8Array, Picture>();
  #isHeld = false;

  /** @param root of the panel, whose width says how wide pictures may be. */
  constructor(model: PanelModel, root: PanelElement) {
    this.#model = model;
    this.#root = root;
    this.#make = button('sp-button', '', () => model.preview(), { variant: 'secondary', size: 's', class: 'make' });
    this.#hold = element('sp-action-button', { class: 'hold', title: 'Hold, or hold the space key' });
    this.#hold.textContent = words.before;
    this.#heat = button('sp-action-button', words.heatMap, () => model.showHeatmap(!model.state.value.showsHeatmap), {
      class: 'heat',
    });
    this.#holdWith(this.#hold);
    this.#holdWith(this.#picture.element);
    const stage = element('div', { class: 'stage' }, this.#picture.element, this.#hint, this.#make);
    const row = element('div', { class: 'preview-row' }, this.#label, this.#hold, this.#heat);
    this.element = element('div', { class: 'section preview' }, stage, row, this.#warnings);
  }

  update(state: PanelState): void {
    const { session, original, target, recipe, isReading, showsHeatmap } = state;
    const preview = session?.preview;
    const heatmap = showsHeatmap ? preview?.heatmap : undefined;
    const isBefore = this.#isHeld || preview === undefined;
    const shown = isBefore ? original : this.#pictureOf(heatmap ?? preview.image);
    const label = isBefore ? words.before : heatmap === undefined ? words.after : words.heatMap;
    const widthPx = Math.max(box.leastWidthPx, this.#root.offsetWidth - box.marginPx);
    this.#picture.update(shown, { widthPx, heightPx: box.heightPx }, label);
    setText(this.#label, shown === undefined ? '' : label);
    setDisabled(this.#hold, preview === undefined);
    setDisabled(this.#heat, preview === undefined && !showsHeatmap);
    setAttribute(this.#heat, 'selected', showsHeatmap ? true : undefined);
    const isResult = target.kind === 'layer' && target.result !== undefined;
    const canMake = target.kind === 'layer' && targetText(recipe.texts) !== undefined && shown === undefined;
    setText(this.#make, isResult ? words.reEdit : words.preview);
    show(this.#make, canMake && !isReading && state.connection.kind === 'connected');
    setText(this.#hint, isReading ? words.readingTheLayer : words.previewHint);
    show(this.#hint, shown === undefined && (isReading || !canMake));
    const failure = session?.failure;
    const warnings = preview === undefined || session?.isPreviewStale === true ? [] : warningsOf(preview);
    const lines = [
      ...(failure === undefined ? [] : [`${failure.title}. ${failure.explanation}`]),
      ...warnings.map(({ text }) => text),
    ];
    replaceChildren(this.#warnings, lines.join('\n'), () =>
      lines.map((text) => {
        const made = element('sp-body', { size: 'XS', class: 'warning' });
        made.textContent = text;
        return made;
      }),
    );
  }

  /** The same bytes give the same picture, so that it is not drawn anew. */
  #pictureOf(image: Parameters<typeof pictureOf>[0]): Picture {
    const picture = this.#pictures.get(image.bytes) ?? pictureOf(image);
    this.#pictures.set(image.bytes, picture);
    return picture;
  }

  #holdWith(what: PanelElement): void {
    const hold = (isHeld: boolean): void => {
      if (this.#isHeld === isHeld) return;
      this.#isHeld = isHeld;
      this.update(this.#model.state.value);
    };
    what.addEventListener('mousedown', () => hold(true));
    for (const end of ['mouseup', 'mouseleave', 'blur']) what.addEventListener(end, () => hold(false));
    what.addEventListener('keydown', (event) => {
      if (isKey(event, ' ', 'Enter')) hold(true);
    });
    what.addEventListener('keyup', () => hold(false));
  }
}
