/** What a user does in the plugin’s page, by the names that a screen reader tells. */
import type { Frame, Locator } from 'playwright-core';

/** How long anything of the panel may take on a busy machine, the networks of an edit included. */
const patienceMs = 20_000;

export class FigmaPanel {
  readonly #frame: Frame;

  constructor(frame: Frame) {
    this.#frame = frame;
  }

  button(name: string | RegExp): Locator {
    return this.#frame.getByRole('button', { name, exact: typeof name === 'string' });
  }

  get prompt(): Locator {
    return this.#frame.getByRole('combobox');
  }

  get banner(): Locator {
    return this.#frame.locator('.banner');
  }

  get notice(): Locator {
    return this.#frame.locator('.notice');
  }

  field(name: string): Locator {
    return this.#frame.getByLabel(name, { exact: true });
  }

  /** Chooses among the kinds of a board. */
  async choose(kind: string): Promise<void> {
    await this.#frame.getByRole('radio', { name: kind }).check({ timeout: patienceMs });
  }

  async chooseInMenu(item: string): Promise<void> {
    await this.press('More');
    await this.#frame.getByRole('menuitem', { name: item }).click({ timeout: patienceMs });
  }

  /** Types a text and makes a chip of it. */
  async addText(text: string): Promise<void> {
    await this.prompt.fill(text);
    await this.prompt.press('Enter');
  }

  /** Types a code and sends it. */
  async pair(code: string): Promise<void> {
    const field = this.#frame.getByRole('textbox', { name: 'Pairing code' });
    await field.waitFor({ timeout: patienceMs });
    await field.fill(code);
    await field.press('Enter');
    await this.prompt.waitFor({ timeout: patienceMs });
  }

  /** Waits until a preview of what the panel says is there. */
  async previewReady(): Promise<void> {
    await this.#frame
      .locator('.preview-stage:not([data-stale]) .preview-picture[alt*="edited"]')
      .waitFor({ timeout: patienceMs });
    await this.#frame.locator('.preview-stage > .progress').waitFor({ state: 'hidden', timeout: patienceMs });
  }

  /** Takes pointer and focus away, as for a picture: no caret, no open list. */
  async rest(): Promise<void> {
    await this.#frame.page().mouse.move(0, 0);
    await this.#frame.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  }

  /** Waits for an element with a text. */
  async shows(selector: string, text: string | RegExp, timeoutMs = patienceMs): Promise<void> {
    await this.#frame
      .locator(selector)
      .filter({ hasText: text, visible: true })
      .first()
      .waitFor({ timeout: timeoutMs });
  }

  /** Waits until a button can be pressed, and presses it. */
  async press(name: string | RegExp): Promise<void> {
    await this.button(name).click({ timeout: patienceMs });
  }
}
