/**
 * The preview: the edit as it will be, the layer as it was while a button or the space key is held, and a heat map of what changes.
 */
import { progressOf, warningsOf } from '@deltaspace/plugin-core';
import { element, KeyedList, setAttribute, setText, show } from '../dom/element.js';
import { Picture, type PictureBytes } from '../dom/picture.js';
import { type EditedImage } from '@deltaspace/plugin-core';
import { type Panel } from '../model/panel.js';
import { type PanelState } from '../model/panel-state.js';

export class PreviewView {
  readonly element: HTMLElement;
  readonly #panel: Panel;
  readonly #before = new Picture('', 'preview-picture');
  readonly #after = new Picture('', 'preview-picture');
  readonly #heatmap = new Picture('', 'preview-picture preview-heatmap');
  readonly #stage: HTMLElement;
  readonly #empty = element('p', { class: 'preview-empty' });
  readonly #label = element('span', { class: 'preview-label', 'aria-hidden': 'true' });
  readonly #hold = element('button', {
    type: 'button',
    class: 'chip-button',
    'aria-pressed': 'false',
    title: 'Hold, or hold the space key',
  });
  readonly #heat = element('button', { type: 'button', class: 'chip-button', 'aria-pressed': 'false' }, 'Heat map');
  readonly #bar = element('div', {
    class: 'progress',
    role: 'progressbar',
    'aria-label': 'Preview',
    'aria-valuemin': 0,
    'aria-valuemax': 100,
  });
  readonly #warnings = element('ul', { class: 'warnings', 'aria-label': 'Warnings' });
  readonly #warningList = new KeyedList<string>(
    this.#warnings,
    (text) => text,
    (text) => element('li', {}, text),
  );
  #isHeld = false;

  constructor(panel: Panel) {
    this.#panel = panel;
    this.#hold.textContent = 'Before';
    this.#bar.append(element('div', { class: 'progress-fill' }));
    this.#stage = element(
      'div',
      { class: 'preview-stage' },
      this.#before.element,
      this.#after.element,
      this.#heatmap.element,
      this.#empty,
      this.#label,
      this.#bar,
    );
    const buttons = element('div', { class: 'preview-buttons' }, this.#hold, this.#heat);
    this.element = element(
      'section',
      { class: 'preview', 'aria-label': 'Preview' },
      this.#stage,
      buttons,
      this.#warnings,
    );
    this.#listen();
  }

  update(state: PanelState): void {
    const { layer, edit, isHeatmapShown } = state;
    const picture = layer.kind === 'ready' ? layer.picture : undefined;
    const preview = edit?.preview;
    const name = layer.kind === 'none' ? '' : layer.target.name;
    this.#before.show(picture?.bytes);
    this.#before.alt = `${name}, before`;
    this.#after.show(preview === undefined ? undefined : pictureOf(preview.image));
    this.#after.alt = `${name}, edited: ${preview?.target ?? ''}`;
    this.#heatmap.show(preview?.heatmap === undefined ? undefined : pictureOf(preview.heatmap));
    this.#heatmap.alt = 'What changes, brighter where more';
    const hasPreview = preview !== undefined;
    const showsHeatmap = isHeatmapShown && preview?.heatmap !== undefined && !this.#isHeld;
    show(this.#after.element, hasPreview && !this.#isHeld);
    show(this.#heatmap.element, showsHeatmap);
    setAttribute(this.#stage, 'data-stale', edit?.isPreviewStale === true && hasPreview);
    setText(this.#label, this.#isHeld || !hasPreview ? 'Before' : showsHeatmap ? 'Heat map' : 'After');
    show(this.#label, picture !== undefined);
    show(this.#empty, picture === undefined);
    setText(this.#empty, layer.kind === 'capturing' ? 'Reading the layer…' : 'Select a layer to see it here.');
    this.#hold.disabled = !hasPreview;
    this.#heat.disabled = !hasPreview;
    setAttribute(this.#hold, 'aria-pressed', String(this.#isHeld));
    setAttribute(this.#heat, 'aria-pressed', String(isHeatmapShown));
    this.#updateProgress(state);
    const warnings = preview === undefined ? [] : warningsOf(preview).map(({ text }) => text);
    this.#warningList.update(warnings);
    show(this.#warnings, warnings.length > 0);
  }

  #updateProgress({ edit, task }: PanelState): void {
    const activity = task === undefined ? edit?.activity : undefined;
    show(this.#bar, activity !== undefined);
    if (activity === undefined) return;
    const { text, fraction } = progressOf(activity);
    setAttribute(this.#bar, 'aria-valuetext', text);
    setAttribute(this.#bar, 'aria-valuenow', fraction === undefined ? undefined : Math.round(100 * fraction));
    setAttribute(this.#bar, 'data-unknown', fraction === undefined);
    this.#bar.style.setProperty('--share', String(fraction ?? 0));
  }

  #listen(): void {
    const hold = (isHeld: boolean): void => {
      if (isHeld === this.#isHeld || (isHeld && this.#hold.disabled)) return;
      this.#isHeld = isHeld;
      this.update(this.#panel.state.value);
    };
    this.#hold.addEventListener('pointerdown', () => hold(true));
    for (const end of ['pointerup', 'pointercancel', 'blur'] as const) window.addEventListener(end, () => hold(false));
    // The space key anywhere but in what takes a space itself; on the button it holds as the pointer does.
    window.addEventListener('keydown', (event) => {
      const isOnButton = event.target === this.#hold && (event.key === ' ' || event.key === 'Enter');
      if (!isOnButton && (event.key !== ' ' || takesSpace(event.target))) return;
      event.preventDefault();
      hold(true);
    });
    window.addEventListener('keyup', (event) => {
      if (event.key === ' ' || event.key === 'Enter') hold(false);
    });
    this.#heat.addEventListener('click', () => this.#panel.showHeatmap(!this.#panel.state.value.isHeatmapShown));
  }
}

function takesSpace(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest('input, textarea, button, select, summary, [role="menu"]') !== null
  );
}

function pictureOf({ digest, bytes }: EditedImage['image']): PictureBytes {
  return { key: digest, bytes, mediaType: 'image/png' };
}
