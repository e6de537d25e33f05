/**
 * Making elements, and changing only what differs: the page has no framework, and screen readers announce what is written
 * anew, so that nothing is written twice.
 */

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
type Child = Node | string;

/** An element with attributes and children. `true` is an attribute without a value; `false` and undefined are none. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(made, name, value);
  made.append(...children);
  return made;
}

/** Sets, changes or removes an attribute. */
export function setAttribute(of: Element, name: string, value: string | number | boolean | undefined): void {
  if (value === undefined || value === false) return of.removeAttribute(name);
  const text = value === true ? '' : String(value);
  if (of.getAttribute(name) !== text) of.setAttribute(name, text);
}

/** Sets the text of an element that holds nothing else. */
export function setText(of: Element, text: string): void {
  if (of.textContent !== text) of.textContent = text;
}

/** Shows or hides an element; hidden ones are neither seen, read nor reached. */
export function show(what: HTMLElement, isShown: boolean): void {
  if (what.hidden !== !isShown) what.hidden = !isShown;
}

/**
 * A list whose rows are made anew only when what they show has changed. `keyOf` says it as text; the row that had the focus gets
 * it back where it still stands in the same place.
 */
export class KeyedList<Item> {
  readonly #parent: HTMLElement;
  readonly #keyOf: (item: Item) => string;
  readonly #make: (item: Item, index: number) => HTMLElement;
  #keys: readonly string[] = [];

  constructor(parent: HTMLElement, keyOf: (item: Item) => string, make: (item: Item, index: number) => HTMLElement) {
    this.#parent = parent;
    this.#keyOf = keyOf;
    this.#make = make;
  }

  update(items: readonly Item[]): void {
    const keys = items.map(this.#keyOf);
    const known = new Map(this.#keys.map((key, index) => [key, this.#parent.children[index] as HTMLElement]));
    if (keys.length === this.#keys.length && keys.every((key, index) => key === this.#keys[index])) return;
    const focused = [...this.#parent.children].findIndex((row) => row.contains(document.activeElement));
    const rows = items.map((item, index) => known.get(keys[index] as string) ?? this.#make(item, index));
    this.#keys = keys;
    this.#parent.replaceChildren(...rows);
    if (focused >= 0) focusWithin(rows[Math.min(focused, rows.length - 1)]);
  }
}

function focusWithin(row: HTMLElement | undefined): void {
  if (row === undefined || row.contains(document.activeElement)) return;
  row.querySelector<HTMLElement>('button, [tabindex="0"]')?.focus();
}
