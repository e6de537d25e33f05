/// <reference lib="dom" />
/**
 * Stand-ins for UXP's built-in Spectrum widgets: the attributes, properties and events that the panel uses, drawn roughly as
 * Photoshop does. A tag that UXP does not have is not defined, and shows.
 */

const textTags = ['sp-body', 'sp-detail', 'sp-heading', 'sp-label'];

class Button extends HTMLElement {
  connectedCallback(): void {
    this.tabIndex = this.hasAttribute('disabled') ? -1 : 0;
    this.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === ' ') this.click();
    });
  }
  override click(): void {
    if (!this.hasAttribute('disabled')) super.click();
  }
}

class TextField extends HTMLElement {
  static readonly observedAttributes = ['placeholder', 'disabled'];
  readonly #input = document.createElement('input');

  constructor() {
    super();
    this.attachShadow({ mode: 'open', delegatesFocus: true }).append(styled(fieldStyle), this.#input);
  }
  get value(): string {
    return this.#input.value;
  }
  set value(value: string) {
    this.#input.value = value;
  }
  attributeChangedCallback(name: string, _before: string | null, value: string | null): void {
    if (name === 'placeholder') this.#input.placeholder = value ?? '';
    else this.#input.disabled = value !== null;
  }
}

class Slider extends HTMLElement {
  static readonly observedAttributes = ['min', 'max', 'value', 'disabled'];
  readonly #input = document.createElement('input');

  constructor() {
    super();
    this.#input.type = 'range';
    this.#input.step = 'any'; // UXP's slider knows no step
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    root.append(styled(sliderStyle), document.createElement('slot'), this.#input);
    root.querySelector('slot')!.name = 'label';
    this.#input.addEventListener('change', () => this.dispatchEvent(new Event('change', { bubbles: true })));
  }
  get value(): number {
    return Number(this.#input.value);
  }
  set value(value: number) {
    this.#input.value = String(value);
  }
  attributeChangedCallback(name: string, _before: string | null, value: string | null): void {
    if (name === 'disabled') this.#input.disabled = value !== null;
    else if (value !== null) this.#input.setAttribute(name, value);
  }
}

class ProgressBar extends HTMLElement {
  static readonly observedAttributes = ['value', 'max'];
  readonly #bar = document.createElement('div');

  constructor() {
    super();
    this.attachShadow({ mode: 'open' }).append(styled(barStyle), this.#bar);
  }
  attributeChangedCallback(): void {
    const share = Number(this.getAttribute('value') ?? 0) / Number(this.getAttribute('max') ?? 100);
    this.#bar.style.width = `${share * 100}%`;
  }
}

export function defineWidgets(): void {
  customElements.define('sp-button', class extends Button {});
  customElements.define('sp-action-button', class extends Button {});
  customElements.define('sp-textfield', TextField);
  customElements.define('sp-slider', Slider);
  customElements.define('sp-progressbar', ProgressBar);
  for (const tag of textTags) customElements.define(tag, class extends HTMLElement {});
  document.head.append(styled(widgetStyle));
}

function styled(css: string): HTMLStyleElement {
  const sheet = document.createElement('style');
  sheet.textContent = css;
  return sheet;
}

const fieldStyle = `
  :host { display: inline-block; min-width: 60px; }
  input { box-sizing: border-box; width: 100%; height: 26px; padding: 0 8px; font: inherit; border-radius: 4px;
    color: var(--uxp-host-text-color); background: var(--fake-field-color); border: 1px solid var(--uxp-host-border-color); }
  input::placeholder { color: var(--fake-quiet-color); }
`;
const sliderStyle = `
  :host { display: block; }
  input { box-sizing: border-box; width: 100%; height: 14px; margin: 4px 0 0; accent-color: #2680eb; }
`;
const barStyle = `
  :host { display: block; height: 4px; border-radius: 2px; background: var(--uxp-host-border-color); overflow: hidden; }
  div { height: 4px; background: #2680eb; }
`;
const widgetStyle = `
  html { font-family: 'Adobe Clean', 'Source Sans 3', 'Open Sans', sans-serif; background: var(--uxp-host-background-color); }
  body { margin: 0; }
  sp-body, sp-detail, sp-heading { display: block; line-height: 1.35; }
  sp-detail, sp-label { font-size: 11px; color: var(--fake-quiet-color); }
  sp-body[size="XS"] { font-size: 12px; }
  sp-heading { font-size: 13px; }
  sp-button, sp-action-button { display: inline-flex; align-items: center; justify-content: center; box-sizing: border-box;
    cursor: default; white-space: nowrap; overflow: hidden; }
  sp-button { height: 28px; padding: 0 14px; border-radius: 14px; border: 2px solid var(--uxp-host-text-color); font-weight: 600; }
  sp-button[variant="cta"] { color: #ffffff; background: #1473e6; border-color: #1473e6; }
  sp-action-button { min-height: 24px; padding: 0 8px; border-radius: 4px; border: 1px solid var(--uxp-host-border-color);
    background: var(--fake-button-color); }
  sp-action-button[quiet] { border-color: transparent; background: transparent; color: var(--fake-quiet-color); }
  sp-action-button[selected] { background: var(--fake-selected-color); color: var(--uxp-host-background-color); }
  sp-button[disabled], sp-action-button[disabled] { opacity: 0.4; pointer-events: none; }
  sp-button:focus, sp-action-button:focus { outline: 2px solid #378ef0; outline-offset: 1px; }
`;
