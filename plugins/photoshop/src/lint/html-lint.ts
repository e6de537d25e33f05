/**
 * Pages and fragments for UXP: finds elements and attributes that it does not have, and lints the styles in them.
 *
 * A tag scanner, not a parser: it sees every opening tag with its attributes, also in templates within scripts.
 */
import { lintCss } from './css-lint.js';
import { blank, lineAt, type Finding } from './finding.js';

const plainTags =
  'html head body meta title link style script div span p a img button input textarea select option label form ' +
  'h1 h2 h3 h4 h5 h6 ul li hr br b i em strong small footer header section main article aside nav dialog progress canvas template video webview';

const spectrumTags =
  'sp-action-button sp-body sp-button sp-checkbox sp-detail sp-divider sp-dropdown sp-heading sp-icon sp-label sp-link ' +
  'sp-menu sp-menu-divider sp-menu-item sp-progressbar sp-radio sp-radio-group sp-slider sp-textarea sp-textfield sp-tooltip';

const knownTags = new Set(`${plainTags} ${spectrumTags}`.split(' '));

const inputTypes = new Set(['text', 'password', 'number', 'search', 'checkbox', 'radio', 'range', 'button', 'hidden']);

/** Attributes that UXP has not, by element (`*` is all), and what to do instead. */
const attributes: readonly (readonly [string, RegExp, string])[] = [
  ['label', /^for$/, 'put the control into the label'],
  ['*', /^draggable$|^ondrag|^ondrop$/, 'nothing can be dropped onto a panel'],
  ['*', /^onkeypress$/, 'use keydown'],
  ['*', /^on[a-z]+$/, 'add listeners in code: text is not run as code'],
  ['*', /^(?:required|pattern|novalidate|autofocus|contenteditable)$/, 'check and focus in code'],
  ['form', /^(?:action|method)$/, 'forms are not submitted: listen to the button'],
  ['*', /^tabindex$/, 'the order of the elements is the order of focus'],
];

/** @param html a page or a part of one. */
export function lintHtml(html: string): readonly Finding[] {
  const text = blank(html, /<!--[\s\S]*?-->/g);
  const findings: Finding[] = [];
  const add = (rule: string, position: number, message: string): void => {
    findings.push({ rule, line: lineAt(text, position), message });
  };
  for (const match of text.matchAll(
    /<([a-z][a-z0-9-]*)((?:\s+[^\s=>"'/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+))?)*)\s*\/?>/g,
  )) {
    const tag = match[1]!;
    if (!knownTags.has(tag)) add('html-tag', match.index, `UXP has no <${tag}>`);
    for (const [name, value] of attributesOf(match[2]!)) {
      for (const message of attributeFindings(tag, name, value)) add('html-attribute', match.index, message);
      if (name === 'style') findings.push(...shifted(lintCss(value), lineAt(text, match.index)));
    }
    if (tag === 'option' && !/\bvalue\s*=/.test(match[2]!))
      add('html-attribute', match.index, '<option> needs a value in UXP');
  }
  for (const match of text.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/g)) {
    findings.push(...shifted(lintCss(match[1]!), lineAt(text, match.index + match[0].indexOf('>') + 1)));
  }
  return findings;
}

function* attributeFindings(tag: string, name: string, value: string): Generator<string> {
  for (const [of, pattern, instead] of attributes) {
    if ((of === '*' || of === tag) && pattern.test(name)) yield `UXP has no "${name}" on <${tag}>: ${instead}`;
  }
  if (tag === 'input' && name === 'type' && !inputTypes.has(value)) yield `UXP has no <input type="${value}">`;
  if (name === 'src' && tag === 'script' && /^https?:/.test(value))
    yield 'scripts come with the plugin, not from the network';
}

function* attributesOf(text: string): Generator<readonly [string, string]> {
  for (const match of text.matchAll(/([^\s=>"'/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/g)) {
    yield [match[1]!.toLowerCase(), match[2] ?? match[3] ?? match[4] ?? ''];
  }
}

const shifted = (findings: readonly Finding[], line: number): Finding[] =>
  findings.map((finding) => ({ ...finding, line: finding.line + line - 1 }));
