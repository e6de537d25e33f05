/**
 * Copying a text. Figma’s iframe has no permission for `navigator.clipboard`; the old command works from a click.
 */
import { element } from './element.js';

/** Whether it was copied. */
export function copyText(text: string): boolean {
  const field = element('textarea', { 'aria-hidden': 'true', tabindex: -1, class: 'visually-hidden' });
  field.value = text;
  const focused = document.activeElement;
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return isCopied;
}
