/** The top of the panel while something is wrong with the connection: what, what to do, and a field for the pairing code. */
import { bannerOf, type Connection, type Platform } from '@deltaspace/plugin-core';
import type { PanelElement } from '../../host/uxp-globals.js';
import { words } from '../../words.js';
import { button, element, isKey, replaceChildren, setAttribute, setDisabled, setText, show } from './element.js';

/** How often the countdown to the next try is drawn. */
const countdownMs = 1000;

export class BannerView {
  readonly element: PanelElement;
  readonly #connection: Connection;
  readonly #platform: Platform;
  readonly #title = element('sp-heading', { size: 'XXS', class: 'banner-title' });
  readonly #text = element('sp-body', { size: 'XS', class: 'banner-text' });
  readonly #steps = element('div', { class: 'banner-steps' });
  readonly #command = element('div', { class: 'command' });
  readonly #retry = element('sp-detail', { class: 'banner-retry' });
  readonly #code = element('sp-textfield', { class: 'code', placeholder: '4F7K-2MQX', 'aria-label': words.codeField });
  readonly #act: PanelElement;
  readonly #row: PanelElement;
  #stopTimer: (() => void) | undefined;

  constructor(connection: Connection, platform: Platform) {
    this.#connection = connection;
    this.#platform = platform;
    this.#act = button('sp-button', '', () => this.#run(), { class: 'act', variant: 'primary', size: 's' });
    this.#code.addEventListener('keydown', (event) => {
      if (isKey(event, 'Enter')) this.#run();
    });
    this.#row = element('div', { class: 'banner-row' }, this.#code, this.#act);
    const parts = [this.#title, this.#text, this.#steps, this.#command, this.#row, this.#retry];
    this.element = element('div', { class: 'banner' }, ...parts);
  }

  update(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    const state = this.#connection.state.value;
    const banner = bannerOf(state, this.#platform.nowMs());
    show(this.element, banner !== undefined);
    if (banner === undefined) return;
    setAttribute(this.element, 'class', `banner ${banner.tone}`);
    setText(this.#title, banner.title);
    setText(this.#text, banner.text);
    replaceChildren(this.#steps, banner.steps.join('\n'), () =>
      banner.steps.map((step, index) => {
        const made = element('sp-body', { size: 'XS' });
        made.textContent = `${index + 1}. ${step}`;
        return made;
      }),
    );
    setText(this.#command, banner.command ?? '');
    show(this.#command, banner.command !== undefined);
    show(this.#row, banner.action !== undefined);
    show(this.#code, banner.action?.kind === 'pair');
    setText(this.#act, banner.action?.label ?? '');
    setDisabled(this.#act, state.kind === 'pairing');
    const { retryInMs } = banner;
    show(this.#retry, retryInMs !== undefined);
    if (retryInMs === undefined) return;
    setText(this.#retry, words.retryIn(Math.ceil(retryInMs / 1000)));
    this.#stopTimer = this.#platform.after(countdownMs, () => this.update());
  }

  #run(): void {
    const banner = bannerOf(this.#connection.state.value, this.#platform.nowMs());
    if (banner?.action?.kind !== 'pair') return this.#connection.retryNow();
    void this.#connection.pair(String(this.#code.value ?? '')).then((isAccepted) => {
      if (isAccepted) this.#code.value = '';
    });
  }
}
