import { describe, expect, it } from 'vitest';
import { lintCss } from './css-lint.js';
import { lintHtml } from './html-lint.js';
import { lintScript } from './script-lint.js';
import { lintPackage } from './uxp-lint.js';

const rulesOf = (findings: readonly { rule: string }[]): string[] => findings.map(({ rule }) => rule);

describe('the lint of styles', () => {
  it.each([
    '.a { display: grid }',
    '.a { display: inline-grid; }',
    '.a { grid-template-columns: 1fr 1fr }',
    '.a { display: flex; gap: 4px }',
    '.a { column-gap: 4px }',
    '.a { float: left }',
    '.a { transition: opacity 0.2s }',
    '.a { transition-duration: 1s }',
    '.a { animation: turn 1s }',
    '.a { transform: rotate(45deg) }',
    '.a { text-transform: uppercase }',
    '.a { font: 12px sans-serif }',
    '.a { align-items: baseline }',
    '.a { position: sticky }',
    '.a { width: clamp(1px, 2px, 3px) }',
    '@font-face { font-family: x }',
    '@keyframes turn { from { opacity: 0 } }',
    '@media (pointer: coarse) { .a { color: red } }',
    'gap: 3px',
  ])('finds %s', (css) => {
    expect(lintCss(css).length).toBeGreaterThan(0);
  });

  it.each([
    '.grid { display: flex; flex-wrap: wrap; margin: 4px }',
    '.a { font-size: 12px; font-weight: 600; font-family: inherit }',
    '.gap-float { color: var(--uxp-host-text-color); background-color: rgb(1, 2, 3) }',
    '/* no grid, gap: or float: left; here */ .a { opacity: 0.5 }',
    '@media (prefers-color-scheme: darkest) { .a { color: white } }',
    '.a { position: absolute; left: 0; max-width: 100px; min-height: calc(10px + 2em) }',
    'color: red; width: 50%',
  ])('passes %s', (css) => {
    expect(lintCss(css)).toEqual([]);
  });

  it('tells the line and what to do instead', () => {
    expect(lintCss('.a {\n  color: red;\n  gap: 2px;\n}')).toEqual([
      { rule: 'css-property', line: 3, message: 'UXP has no "gap": use margins on the children' },
    ]);
  });
});

describe('the lint of pages', () => {
  it.each([
    ['<label for="a">A</label>', 'html-attribute'],
    ['<ol><li>one</li></ol>', 'html-tag'],
    ['<iframe src="x"></iframe>', 'html-tag'],
    ['<details></details>', 'html-tag'],
    ['<input type="file">', 'html-attribute'],
    ['<input type=color>', 'html-attribute'],
    ['<option>A</option>', 'html-attribute'],
    ['<div draggable="true"></div>', 'html-attribute'],
    ['<button onclick="go()">Go</button>', 'html-attribute'],
    ['<input required>', 'html-attribute'],
    ['<form action="/x"></form>', 'html-attribute'],
    ['<script src="https://example.com/x.js"></script>', 'html-attribute'],
    ['<sp-picker></sp-picker>', 'html-tag'],
    ['<div style="color: red; gap: 2px"></div>', 'css-property'],
    ['<style>\n.a { float: left }\n</style>', 'css-property'],
  ])('finds %s', (html, rule) => {
    expect(rulesOf(lintHtml(html))).toContain(rule);
  });

  it.each([
    '<!DOCTYPE html><html><head><meta charset="utf-8"><script src="main.js"></script></head><body></body></html>',
    '<label>A <input type="checkbox"></label>',
    '<sp-slider min="-2" max="2" value="1"><sp-label slot="label">Strength</sp-label></sp-slider>',
    '<select><option value="a">A</option></select>',
    '<!-- <ol> <iframe> --><ul><li style="margin: 2px">one</li></ul>',
  ])('passes %s', (html) => {
    expect(lintHtml(html)).toEqual([]);
  });
});

describe('the lint of scripts', () => {
  it.each([
    ['new Worker("x.js")', 'script-global'],
    ['new window.MutationObserver(f)', 'script-global'],
    ['queueMicrotask(f)', 'script-global'],
    ['const copy = structuredClone(x)', 'script-global'],
    ['if (window.matchMedia("(x)").matches) f()', 'script-member'],
    ['eval("1")', 'script-global'],
    ['new Function("return 1")', 'script-code-from-text'],
    ['Function("return 1")()', 'script-code-from-text'],
    ['setTimeout("f()", 1)', 'script-code-from-text'],
    ['canvas.getContext("2d").getImageData(0, 0, 1, 1)', 'script-member'],
    ['context.drawImage(image, 0, 0)', 'script-member'],
    ['socket.send(new Blob([bytes]))', 'script-send'],
    ['document.createElement("ol")', 'html-tag'],
    ['element.style.gridTemplateColumns = "1fr"', 'css-property'],
    ['element.style.transform = "none"', 'css-property'],
    ['element.style.setProperty("gap", "1px")', 'css-property'],
    ['element.innerHTML = "<label for=\\"a\\">A</label>"', 'html-attribute'],
    ['const sheet = `.a { display: grid }`', 'css-property'],
    ['label.htmlFor = "a"', 'html-attribute'],
    ['element.addEventListener("keypress", f)', 'script-event'],
    ['list.toSorted()', 'script-member'],
    ['a ??= 1', 'script-syntax'],
    ['class A { #b = 1 }', 'script-syntax'],
    ['await f()', 'script-syntax'],
    ['const home = process.env.HOME', 'script-global'],
  ])('finds %s', (script, rule) => {
    expect(rulesOf(lintScript(script))).toContain(rule);
  });

  it.each([
    'const text = "a Worker evaluates structuredClone"; // MutationObserver, eval',
    'const has = typeof structuredClone === "function";',
    'class Worker {} new Worker();',
    'machine.Worker = 1; const { process: step } = machine; step();',
    'socket.send(bytes.buffer); socket.send("text");',
    'document.createElement("sp-button").addEventListener("click", f)',
    'element.style.marginLeft = "2px"; element.innerHTML = "";',
    'async function f() { await g(); } const a = b ?? c?.d;',
    'const json = `{ "gap": ${x} }`;',
  ])('passes %s', (script) => {
    expect(lintScript(script)).toEqual([]);
  });
});

describe('the lint of a package', () => {
  it('names the file of each finding and passes over what is no text', () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const files = new Map([
      ['main.js', bytes('f();\neval(g)')],
      ['index.html', bytes('<ol></ol>')],
      ['icons/a.png', Uint8Array.of(137, 80)],
    ]);
    expect(lintPackage(files).map(({ file, line, rule }) => [file, line, rule])).toEqual([
      ['main.js', 2, 'script-global'],
      ['index.html', 1, 'html-tag'],
    ]);
  });
});
