/** The plugin's window, and Figma's line of notices. */
import { bridgeLimits } from '../bridge/index.js';
import { words } from './words.js';

/** Size at the start, in CSS pixels; the UI may ask for another (`resize`). */
const windowSize = { width: 360, height: 600 } as const;

/** Opens the window, or its page alone where nothing has to be seen. Colours come as CSS variables, in the theme of the editor. */
export function openWindow(visible: boolean): void {
  figma.showUI(__html__, { ...windowSize, title: words.title, themeColors: true, visible });
}

/** Shows a line at the bottom of Figma's window, cut at what it holds. */
export function notify(text: string, tone: 'plain' | 'error'): void {
  figma.notify(shorten(text), { error: tone === 'error' });
}

function shorten(text: string): string {
  const characters = Array.from(text);
  if (text.length <= bridgeLimits.noticeCharacters) return text;
  let cut = '';
  for (const character of characters) {
    if (cut.length + character.length > bridgeLimits.noticeCharacters - 1) break;
    cut += character;
  }
  return `${cut}…`;
}
