/** The panel: its sections from top to bottom, drawn again whenever the model, the connection or the history changes. */
import {
  localitySlider,
  strengthSlider,
  thresholdOfSlider,
  type Connection,
  type Platform,
} from '@deltaspace/plugin-core';
import type { PanelElement } from '../../host/uxp-globals.js';
import type { PanelModel } from '../model/panel-model.js';
import { panelStyle } from '../style.js';
import { ApplyView } from './apply-view.js';
import { BannerView } from './banner-view.js';
import { element, show } from './element.js';
import { HistoryView } from './history-view.js';
import { LayerView } from './layer-view.js';
import { PreviewView } from './preview-view.js';
import { PromptView } from './prompt-view.js';
import { SliderView } from './slider-view.js';

export interface PanelViewParts {
  readonly model: PanelModel;
  readonly connection: Connection;
  readonly platform: Platform;
}

/** Builds the panel into its root, which is Photoshop's and lives as long as the plugin. */
export function buildPanel(root: PanelElement, { model, connection, platform }: PanelViewParts): void {
  const sheet = element('style');
  sheet.textContent = panelStyle;
  const banner = new BannerView(connection, platform);
  const layer = new LayerView(model);
  const prompt = new PromptView(model);
  const panel = element('div', { class: 'panel' });
  const preview = new PreviewView(model, panel);
  const strength = new SliderView((value, kind) => model.change({ strength: value }, kind));
  const locality = new SliderView((value, kind) =>
    model.change({ threshold: value === undefined ? undefined : thresholdOfSlider(value) }, kind),
  );
  const sliders = element('div', { class: 'section sliders' }, strength.element, locality.element);
  const apply = new ApplyView(model);
  const history = new HistoryView(model);
  const editing = element('div', { class: 'editing' }, layer.element, prompt.element, preview.element, sliders);
  for (const part of [banner.element, editing, apply.element, history.element]) panel.appendChild(part);
  root.appendChild(sheet);
  root.appendChild(panel);
  const draw = (): void => {
    const state = model.state.value;
    banner.update();
    // Until the plugin is paired there is one thing to do, and it should be all there is to see.
    const isPaired = state.connection.kind !== 'unpaired' && state.connection.kind !== 'pairing';
    show(editing, isPaired);
    show(apply.element, isPaired);
    layer.update(state);
    prompt.update(state);
    preview.update(state);
    strength.update(strengthSlider(state.recipe, state.pack));
    locality.update(localitySlider(state.recipe, state.pack));
    apply.update(state);
    history.update();
  };
  model.state.subscribe(draw);
  model.history.entries.subscribe(draw);
  draw();
}
