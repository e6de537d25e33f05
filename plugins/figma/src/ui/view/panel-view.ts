/**
 * The panel as a whole: puts the views in their order, and draws the state at most once per frame.
 *
 * Without ever having been connected it shows the banner alone; what was there stays when a connection is lost.
 */
import { localitySlider, strengthSlider, thresholdOfSlider } from '@deltaspace/plugin-core';
import { element, setText, show } from '../dom/element.js';
import { type Panel } from '../model/panel.js';
import { type PanelState } from '../model/panel-state.js';
import { ActionsView } from './actions-view.js';
import { Announcer } from './announcer.js';
import { BannerView } from './banner-view.js';
import { BatchView } from './batch-view.js';
import { HistoryView } from './history-view.js';
import { MenuView } from './menu-view.js';
import { PreviewView } from './preview-view.js';
import { PromptView } from './prompt-view.js';
import { createResizeHandle } from './resize-handle.js';
import { SelectionView } from './selection-view.js';
import { SliderView } from './slider-view.js';
import { VariationsView } from './variations-view.js';

export class PanelView {
  readonly #panel: Panel;
  readonly #announcer = new Announcer();
  readonly #banner: BannerView;
  readonly #selection: SelectionView;
  readonly #preview: PreviewView;
  readonly #prompt: PromptView;
  readonly #strength: SliderView;
  readonly #locality: SliderView;
  readonly #variations: VariationsView;
  readonly #actions: ActionsView;
  readonly #batch: BatchView;
  readonly #history: HistoryView;
  readonly #failure = element('div', { class: 'failure', hidden: true });
  readonly #failureTitle = element('strong', {});
  readonly #failureText = element('span', {});
  readonly #body: HTMLElement;
  #wasConnected = false;
  #isDrawing = false;

  constructor(panel: Panel, parent: HTMLElement) {
    this.#panel = panel;
    this.#banner = new BannerView(panel.connection, () => panel.platform.nowMs());
    this.#selection = new SelectionView(new MenuView(panel).element);
    this.#preview = new PreviewView(panel);
    this.#prompt = new PromptView(panel);
    this.#strength = new SliderView('strength', (value, kind) => panel.setStrength(value, kind));
    this.#locality = new SliderView('locality', (value, kind) =>
      panel.setThreshold(value === undefined ? undefined : thresholdOfSlider(value), kind),
    );
    this.#variations = new VariationsView(panel);
    this.#actions = new ActionsView(panel, () => this.openVariations(this.#variations.element.hidden === true));
    this.#batch = new BatchView(panel);
    this.#history = new HistoryView(panel);
    this.#failure.append(this.#failureTitle, ' ', this.#failureText);
    const sliders = element(
      'section',
      { class: 'sliders', 'aria-label': 'Settings' },
      this.#strength.element,
      this.#locality.element,
    );
    this.#body = element(
      'main',
      { class: 'body' },
      this.#preview.element,
      this.#failure,
      this.#prompt.element,
      sliders,
      this.#variations.element,
      this.#batch.element,
      this.#history.element,
    );
    const scroller = element('div', { class: 'scroller', tabindex: -1 }, this.#banner.element, this.#body);
    parent.append(
      this.#selection.element,
      scroller,
      this.#actions.element,
      this.#announcer.element,
      createResizeHandle(panel.bridge),
    );
    window.addEventListener('keydown', (event) => this.#press(event));
    panel.state.subscribe(() => this.#schedule());
    panel.presets.all.subscribe(() => this.#schedule());
    this.#draw();
  }

  /** Opens or closes the form of a board. */
  openVariations(isOpen: boolean): void {
    show(this.#variations.element, isOpen);
    this.#draw();
    if (!isOpen) return;
    this.#variations.element.scrollIntoView({ block: 'nearest' });
    this.#variations.focus();
  }

  focusPrompt(): void {
    if (this.#panel.state.value.connection.kind === 'connected') this.#prompt.focus();
  }

  #schedule(): void {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => {
      this.#isDrawing = false;
      this.#draw();
    });
  }

  #draw(): void {
    const state = this.#panel.state.value;
    const isFirst = !this.#wasConnected && state.connection.kind === 'connected';
    this.#wasConnected ||= isFirst;
    this.#banner.update();
    this.#selection.update(state);
    show(this.#body, this.#wasConnected);
    show(this.#actions.element, this.#wasConnected);
    this.#preview.update(state);
    this.#prompt.update(state);
    this.#strength.update(strengthSlider(state.recipe, state.pack));
    this.#locality.update(localitySlider(state.recipe, state.pack));
    this.#variations.update(state);
    this.#actions.update(state, this.#variations.element.hidden === false);
    this.#batch.update(state);
    this.#history.update();
    this.#drawFailure(state);
    this.#announcer.update(state);
    if (isFirst) this.focusPrompt();
  }

  /** Why there is no preview; a lost connection is the banner's to tell. */
  #drawFailure({ edit, apply }: PanelState): void {
    const failure = !apply.canApply && apply.reason === 'not_connected' ? undefined : edit?.failure;
    show(this.#failure, failure !== undefined);
    setText(this.#failureTitle, failure?.title ?? '');
    setText(this.#failureText, failure?.explanation ?? '');
  }

  #press(event: KeyboardEvent): void {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void this.#actions.apply();
    } else if (event.key === 'Escape') this.#panel.cancel();
  }
}
