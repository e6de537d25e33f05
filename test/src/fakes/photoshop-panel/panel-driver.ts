/** What a person does with the panel, and what they wait for: by the words and controls that they see. */
import type { OpenedPanel } from './open-panel.js';

/** Long enough for a busy machine: whatever is waited for here takes a second or two. */
const patienceMs = 45_000;
const lookEveryMs = 25;

export class PanelDriver {
  readonly panel: OpenedPanel;

  constructor(panel: OpenedPanel) {
    this.panel = panel;
  }

  /** The text of a part of the panel; empty when it is not shown. */
  async text(selector: string): Promise<string> {
    const found = this.panel.page.locator(selector).filter({ visible: true });
    return (await found.count()) === 0 ? '' : (await found.allTextContents()).join('\n');
  }

  /** Waits until a part of the panel says something. */
  until(selector: string, expected: string | RegExp): Promise<void> {
    const fits = (text: string): boolean =>
      typeof expected === 'string' ? text.includes(expected) : expected.test(text);
    return this.#poll(selector, fits, String(expected));
  }

  untilGone(selector: string): Promise<void> {
    return this.#poll(selector, (text) => text === '', 'nothing');
  }

  async pair(code: string): Promise<void> {
    await this.until('.banner-title', 'Pair this plugin once');
    await this.type('.code', code);
    await this.untilGone('.banner');
  }

  /** Types into a field and presses Enter. */
  async type(field: string, text: string): Promise<void> {
    const input = this.panel.page.locator(`${field} input`);
    await input.fill(text);
    await input.press('Enter');
  }

  async click(selector: string): Promise<void> {
    await this.panel.page.locator(selector).click({ timeout: patienceMs });
  }

  /** Waits for a preview of the recipe as it is. */
  async preview(): Promise<void> {
    await this.until('.preview-label', /After|Heat map/);
    await this.untilGone('.progress-text');
  }

  async addText(text: string): Promise<void> {
    await this.type('.prompt-field', text);
    await this.preview();
  }

  /** Applies and waits for what is said afterwards. */
  async apply(): Promise<string> {
    await this.click('.apply');
    return this.said();
  }

  async said(): Promise<string> {
    await this.#poll('.notice-text', (text) => text !== '', 'a notice');
    await this.untilGone('.progress-text');
    return this.text('.notice-text');
  }

  /** Moves a slider as a person drags it. @param position 0 is left, 1 is right. */
  async drag(index: number, position: number): Promise<void> {
    const box = (await this.panel.page.locator('sp-slider input').nth(index).boundingBox())!;
    const { mouse } = this.panel.page;
    const [x, y] = [box.x + 8 + (box.width - 16) * position, box.y + box.height / 2];
    await mouse.move(box.x + box.width / 2, y);
    await mouse.down();
    await mouse.move(x, y, { steps: 6 });
    await mouse.up();
  }

  async #poll(selector: string, fits: (text: string) => boolean, expected: string): Promise<void> {
    const endMs = Date.now() + patienceMs;
    for (;;) {
      const text = await this.text(selector);
      if (fits(text)) return;
      if (Date.now() > endMs)
        throw new Error(`${selector} says "${text}" instead of ${expected}\n${await this.#all()}`);
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  }

  /** All that can be read, for the message of a test that fails. */
  async #all(): Promise<string> {
    return [await this.panel.page.locator('body').innerText(), ...this.panel.errors].join('\n');
  }
}
