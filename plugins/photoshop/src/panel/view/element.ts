/**
 * Making elements, and changing only what differs: setting an attribute of a UXP widget anew draws it anew, and a slider that is
 * being dragged would jump.
 */
import { createElement, type PanelElement, type PanelEvent } from '../../host/uxp-globals.js';

export type Attributes = Readonly<Record<string, string | number | true | undefined>>;

/** An element with attributes (`true` is one without a value, undefined is none) and children. */
export function element(
  tag: string,
  attributes: Attributes = {},
  ...children: readonly (PanelElement | string)[]
): PanelElement {
  const made = createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(made, name, value);
  for (const child of children) made.appendChild(typeof child === 'string' ? textElement(child) : child);
  return made;
}

function textElement(text: string): PanelElement {
  const made = createElement('span');
  made.textContent = text;
  return made;
}

/** A button with a text; `onClick` is called by mouse and keyboard. */
export function button(
  tag: 'sp-button' | 'sp-action-button',
  text: string,
  onClick: () => void,
  attributes: Attributes = {},
): PanelElement {
  const made = element(tag, attributes);
  made.textContent = text;
  made.addEventListener('click', onClick);
  return made;
}

export function setAttribute(of: PanelElement, name: string, value: string | number | true | undefined): void {
  if (value === undefined) {
    if (of.getAttribute(name) !== null) of.removeAttribute(name);
    return;
  }
  const text = value === true ? '' : String(value);
  if (of.getAttribute(name) !== text) of.setAttribute(name, text);
}

export const setDisabled = (of: PanelElement, isDisabled: boolean): void =>
  setAttribute(of, 'disabled', isDisabled ? true : undefined);

/** Sets the text of an element that holds nothing else. */
export function setText(of: PanelElement, text: string): void {
  if (of.textContent !== text) of.textContent = text;
}

export function show(what: PanelElement, isShown: boolean): void {
  const display = isShown ? '' : 'none';
  if (what.style['display'] !== display) what.style['display'] = display;
}

/** Calls back for Enter and, on buttons that are held, for the space key. */
export const isKey = (event: PanelEvent, ...keys: readonly string[]): boolean =>
  event.key !== undefined && keys.includes(event.key);

/** Children that are made anew only when what they show has changed, told by a key of the whole list. */
export function replaceChildren(of: PanelElement, key: string, make: () => readonly PanelElement[]): void {
  if (of.getAttribute('key') === key) return;
  of.setAttribute('key', key);
  while (of.children.length > 0) of.removeChild(of.children[0]!);
  for (const child of make()) of.appendChild(child);
}
