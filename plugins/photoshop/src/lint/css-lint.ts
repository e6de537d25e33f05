/**
 * Style sheets for UXP: finds what its CSS does not know. UXP passes over it in silence, so the panel would look right in
 * a browser and wrong in Photoshop.
 *
 * Knows declarations and at-rules, not selectors of every kind; takes whole style sheets and the contents of `style` attributes.
 */
import { blank, lineAt, type Finding } from './finding.js';

/** Properties that UXP does not have, and what to write instead. Prefixes in `prefixes` stand for whole families. */
const properties: Readonly<Record<string, string>> = {
  gap: 'use margins on the children',
  'row-gap': 'use margins on the children',
  'column-gap': 'use margins on the children',
  float: 'use flex',
  clear: 'use flex',
  font: 'write font-size, font-weight and font-family one by one',
  'text-transform': 'write the letters as they shall be',
  transform: 'lay it out with flex or absolute positions',
  'transform-origin': 'lay it out with flex or absolute positions',
  'box-shadow': 'use a border',
  filter: 'change the colours',
  'backdrop-filter': 'change the colours',
  'clip-path': 'use overflow: hidden',
  'object-fit': 'set width and height by hand',
  'aspect-ratio': 'set width and height by hand',
  'mix-blend-mode': 'change the colours',
  columns: 'use flex',
  'user-select': 'leave it out',
  resize: 'leave it out',
  inset: 'write top, right, bottom and left',
  'scroll-behavior': 'leave it out',
};

const prefixes: readonly (readonly [string, string])[] = [
  ['grid', 'use flex'],
  ['transition', 'change it at once'],
  ['animation', 'change it at once'],
  ['mask', 'use an image with alpha'],
  ['scroll-snap', 'leave it out'],
];

const values: readonly (readonly [RegExp, string, string])[] = [
  [/^display$/, '(?:inline-)?grid', 'use flex'],
  [/^display$/, 'contents|table[\\w-]*', 'use flex'],
  [/^position$/, 'sticky', 'use a container that scrolls beside one that does not'],
  [/^align-(?:items|self)$/, 'baseline', 'use center: baselines are off in UXP'],
  [/./, '(?:clamp|min|max|env)\\(', 'compute the length in code'],
];

const atRules: Readonly<Record<string, string>> = {
  'font-face': 'use the fonts of the system',
  keyframes: 'change it at once',
  import: 'put it into one sheet',
  supports: 'write what UXP has',
  container: 'measure in code',
  layer: 'order the rules instead',
};

/** @param css a style sheet, or the declarations of a `style` attribute. */
export function lintCss(css: string): readonly Finding[] {
  const text = blank(css, /\/\*[\s\S]*?\*\//g);
  const findings: Finding[] = [];
  const add = (rule: string, position: number, message: string): void => {
    findings.push({ rule, line: lineAt(text, position), message });
  };
  for (const match of text.matchAll(/@([a-z-]+)/g)) {
    const instead = atRules[match[1]!];
    if (instead !== undefined) add('css-at-rule', match.index, `UXP has no @${match[1]!}: ${instead}`);
  }
  for (const match of text.matchAll(/@media[^{]*/g)) {
    if (!/prefers-color-scheme|width|height/.test(match[0]))
      add('css-media', match.index, 'UXP does not know this media query');
  }
  for (const match of text.matchAll(/(?:^|[{;])\s*([a-z-]+)\s*:\s*([^;{}]*)/g)) {
    const position = match.index + match[0].indexOf(match[1]!);
    for (const message of declarationFindings(match[1]!, match[2]!)) add('css-property', position, message);
  }
  return findings;
}

function* declarationFindings(property: string, value: string): Generator<string> {
  const instead =
    properties[property] ?? prefixes.find(([start]) => property === start || property.startsWith(`${start}-`))?.[1];
  if (instead !== undefined) yield `UXP has no "${property}": ${instead}`;
  for (const [of, pattern, advice] of values) {
    if (of.test(property) && new RegExp(`(?:^|[\\s,(])(?:${pattern})`).test(value.trim())) {
      yield `UXP does not know "${property}: ${value.trim()}": ${advice}`;
    }
  }
}
