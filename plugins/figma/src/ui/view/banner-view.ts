/**
 * What stands between the panel and the daemon: title, steps, the command to copy, a field for the code. Words are the core's.
 */
import { bannerOf, type BannerView as Banner, type Connection } from '@deltaspace/plugin-core';
import { element, KeyedList, setAttribute, setText, show } from '../dom/element.js';
import { icon } from '../dom/icons.js';
import { copyText } from '../dom/clipboard.js';

/** How often the seconds to the next attempt are counted down. */
const tickMs = 1000;

export class BannerView {
  readonly element: HTMLElement;
  readonly #connection: Connection;
  readonly #nowMs: () => number;
  readonly #title = element('h2', { class: 'banner-title' });
  readonly #text = element('p', { class: 'banner-text' });
  readonly #steps = element('ol', { class: 'banner-steps' });
  readonly #stepList = new KeyedList<string>(
    this.#steps,
    (step) => step,
    (step) => element('li', {}, step),
  );
  readonly #command = element('code', { class: 'command-text' });
  readonly #copied = element('span', { class: 'visually-hidden', role: 'status' });
  readonly #commandRow: HTMLElement;
  readonly #code: HTMLInputElement;
  readonly #form: HTMLFormElement;
  readonly #pair = element('button', { type: 'submit', class: 'button primary' }, 'Pair');
  readonly #retry = element('button', { type: 'button', class: 'button secondary' }, 'Try again');
  readonly #countdown = element('span', { class: 'hint' });

  constructor(connection: Connection, nowMs: () => number) {
    this.#connection = connection;
    this.#nowMs = nowMs;
    const copy = element('button', {
      type: 'button',
      class: 'icon-button',
      'aria-label': 'Copy the command',
      title: 'Copy',
    });
    copy.append(icon('copy'));
    copy.addEventListener('click', () => {
      setText(this.#copied, copyText(this.#command.textContent) ? 'Copied.' : 'Select the command and copy it.');
    });
    this.#commandRow = element('div', { class: 'command' }, this.#command, copy, this.#copied);
    this.#code = element('input', {
      class: 'field code-field',
      'aria-label': 'Pairing code',
      placeholder: '4F7K-2MQX',
      autocomplete: 'off',
      autocapitalize: 'characters',
      spellcheck: 'false',
      maxlength: 20,
    });
    this.#form = element('form', { class: 'code-form' }, this.#code, this.#pair);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#enterCode();
    });
    this.#retry.addEventListener('click', () => this.#connection.retryNow());
    this.element = element(
      'section',
      { class: 'banner', 'aria-labelledby': 'banner-title', 'aria-live': 'polite', hidden: true },
      this.#title,
      this.#text,
      this.#steps,
      this.#commandRow,
      this.#form,
      element('div', { class: 'banner-actions' }, this.#retry, this.#countdown),
    );
    this.#title.id = 'banner-title';
    setInterval(() => this.#count(), tickMs);
  }

  update(): void {
    const banner = bannerOf(this.#connection.state.value, this.#nowMs());
    show(this.element, banner !== undefined);
    if (banner === undefined) return;
    setAttribute(this.element, 'data-tone', banner.tone);
    setAttribute(this.element, 'data-code', banner.code);
    setText(this.#title, banner.title);
    setText(this.#text, banner.text);
    this.#stepList.update(banner.steps);
    show(this.#steps, banner.steps.length > 0);
    setText(this.#command, banner.command ?? '');
    show(this.#commandRow, banner.command !== undefined);
    this.#updateActions(banner);
  }

  #updateActions({ action, retryInMs }: Banner): void {
    const { kind } = this.#connection.state.value;
    const wantsCode = action?.kind === 'pair' || kind === 'pairing';
    const wasHidden = this.#form.hidden;
    show(this.#form, wantsCode);
    if (wantsCode && wasHidden && document.hasFocus()) this.#code.focus();
    this.#pair.disabled = kind === 'pairing';
    show(this.#retry, action?.kind === 'retry');
    show(this.#countdown, retryInMs !== undefined);
    setText(this.#countdown, retryInMs === undefined ? '' : countdownText(retryInMs));
  }

  #count(): void {
    const state = this.#connection.state.value;
    if (state.kind !== 'waiting') return;
    setText(this.#countdown, countdownText(Math.max(0, state.retryAtMs - this.#nowMs())));
  }

  async #enterCode(): Promise<void> {
    const isAccepted = await this.#connection.pair(this.#code.value);
    if (isAccepted) this.#code.value = '';
    else this.#code.select();
  }
}

function countdownText(leftMs: number): string {
  const seconds = Math.ceil(leftMs / 1000);
  return seconds <= 0 ? 'Trying…' : `Tries again in ${seconds} s`;
}
