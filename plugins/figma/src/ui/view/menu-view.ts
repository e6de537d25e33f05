/**
 * The menu of the panel: presets, the pack where there are several, restoring the original, forgetting the pairing.
 *
 * A menu button as ARIA has it: arrows, Home, End and Escape inside, focus back on the button afterwards.
 */
import { element, setAttribute, show } from '../dom/element.js';
import { icon } from '../dom/icons.js';
import { type Panel } from '../model/panel.js';
import { isBusy } from '../model/panel-state.js';

interface MenuItem {
  readonly label: string;
  readonly role?: 'menuitemradio';
  readonly isChecked?: boolean;
  readonly isDisabled?: boolean;
  press(): void;
  /** Delete takes the item away. */
  remove?(): void;
}

export class MenuView {
  readonly element: HTMLElement;
  readonly #panel: Panel;
  readonly #button: HTMLButtonElement;
  readonly #menu = element('div', { class: 'menu', role: 'menu', 'aria-label': 'More', hidden: true });
  #items: readonly MenuItem[] = [];

  constructor(panel: Panel) {
    this.#panel = panel;
    this.#button = element('button', {
      type: 'button',
      class: 'icon-button',
      'aria-label': 'More',
      'aria-haspopup': 'menu',
      'aria-expanded': 'false',
      title: 'More',
    });
    this.#button.append(icon('more'));
    this.#button.addEventListener('click', () => (this.#menu.hidden ? this.#open() : this.#close()));
    this.#button.addEventListener('keydown', (event) => {
      if (event.key !== 'ArrowDown') return;
      event.preventDefault();
      this.#open();
    });
    this.#menu.addEventListener('keydown', (event) => this.#press(event));
    this.element = element('div', { class: 'menu-anchor' }, this.#button, this.#menu);
    this.element.addEventListener('focusout', ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node && this.element.contains(relatedTarget))) this.#hide();
    });
  }

  #open(): void {
    this.#draw();
    show(this.#menu, true);
    setAttribute(this.#button, 'aria-expanded', 'true');
    this.#rows[0]?.focus();
  }

  #close(): void {
    this.#hide();
    this.#button.focus();
  }

  #hide(): void {
    show(this.#menu, false);
    setAttribute(this.#button, 'aria-expanded', 'false');
  }

  get #rows(): HTMLElement[] {
    return [...this.#menu.querySelectorAll<HTMLElement>('[role^="menuitem"]')];
  }

  #draw(): void {
    const { presets } = this.#panel;
    const groups = [
      this.#presetItems(),
      this.#packItems(),
      [this.#restoreItem(), this.#keepItem()],
      [{ label: 'Forget the pairing', press: () => void this.#panel.connection.forget() }],
    ].filter((group) => group.length > 0);
    this.#items = groups.flat();
    const rows = groups.map((group) => group.map((item) => this.#makeRow(item)));
    this.#menu.replaceChildren(
      ...(presets.all.value.length === 0
        ? []
        : [element('div', { class: 'menu-title', role: 'presentation' }, 'Presets')]),
      ...rows.flatMap((group, index) =>
        index === 0 ? group : [element('div', { class: 'menu-line', role: 'separator' }), ...group],
      ),
    );
  }

  #makeRow(item: MenuItem): HTMLElement {
    const { label, role = 'menuitem', isChecked, isDisabled = false } = item;
    const row = element('div', { class: 'menu-item', role, tabindex: -1 }, label);
    setAttribute(row, 'aria-disabled', isDisabled ? 'true' : undefined);
    setAttribute(row, 'aria-checked', isChecked === undefined ? undefined : String(isChecked));
    row.addEventListener('click', () => {
      if (isDisabled) return;
      this.#close();
      item.press();
    });
    return row;
  }

  #presetItems(): MenuItem[] {
    return this.#panel.presets.all.value.map(({ name, recipe }) => ({
      label: name,
      press: () => this.#panel.useRecipe(recipe),
      remove: () => this.#panel.presets.remove(name),
    }));
  }

  #packItems(): MenuItem[] {
    const { connection, pack } = this.#panel.state.value;
    const packs = connection.kind === 'connected' ? connection.packs : [];
    if (packs.length < 2) return [];
    return packs.map(({ id, domain }) => ({
      label: `Pack: ${id} (${domain})`,
      role: 'menuitemradio' as const,
      isChecked: id === pack?.id,
      press: () => this.#panel.setPack(id),
    }));
  }

  #restoreItem(): MenuItem {
    const { value } = this.#panel.state;
    const isDisabled = isBusy(value) || !value.selection.targets.some(({ canRestore }) => canRestore);
    return { label: 'Restore original', isDisabled, press: () => void this.#panel.restore() };
  }

  #keepItem(): MenuItem {
    const { recipe } = this.#panel.state.value;
    const title = this.#panel.titleOf(recipe);
    const isDisabled = recipe.texts.length === 0;
    return {
      label: isDisabled ? 'Keep as preset' : `Keep “${title}” as preset`,
      isDisabled,
      press: () => this.#panel.keepPreset(title),
    };
  }

  #press(event: KeyboardEvent): void {
    const rows = this.#rows;
    const at = rows.indexOf(document.activeElement as HTMLElement);
    const places: Readonly<Record<string, number>> = {
      ArrowDown: (at + 1) % rows.length,
      ArrowUp: (at - 1 + rows.length) % rows.length,
      Home: 0,
      End: rows.length - 1,
    };
    const place = places[event.key];
    if (place !== undefined) rows[place]?.focus();
    else if (event.key === 'Escape') this.#close();
    else if (event.key === 'Enter' || event.key === ' ') rows[at]?.click();
    else if (event.key === 'Delete' && this.#items[at]?.remove !== undefined) this.#remove(at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #remove(at: number): void {
    this.#items[at]?.remove?.();
    this.#draw();
    this.#rows[Math.min(at, this.#rows.length - 1)]?.focus();
  }
}
