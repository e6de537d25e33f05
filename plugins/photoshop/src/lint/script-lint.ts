/**
 * Scripts for UXP: finds uses of what it does not have, in the built bundle: globals, members, syntax beyond ES2020, code from
 * text, and styles or markup in strings.
 *
 * Works on the syntax tree, so that words in strings, comments and names of one's own are not taken for uses. A global that is
 * only asked for with `typeof` is allowed: libraries look for what they can do without.
 */
import ts from 'typescript';
import { lintCss } from './css-lint.js';
import type { Finding } from './finding.js';
import { lintHtml } from './html-lint.js';

/** Globals that UXP does not have, or that its permissions forbid. */
const globals: Readonly<Record<string, string>> = {
  Worker: 'work in slices, or in the daemon',
  SharedWorker: 'work in slices, or in the daemon',
  ServiceWorker: 'work in slices, or in the daemon',
  OffscreenCanvas: 'there is no pixel access: use ImageBlob',
  MutationObserver: 'tell who needs to know',
  matchMedia: 'use prefers-color-scheme in the style sheet',
  queueMicrotask: 'use Promise.resolve().then',
  structuredClone: 'copy what you need',
  requestIdleCallback: 'use setTimeout',
  createImageBitmap: 'there is no pixel access: use ImageBlob',
  FileReader: 'use the file API of uxp',
  indexedDB: 'use localStorage or plugin-data:',
  BroadcastChannel: 'there is one page only',
  Notification: 'show it in the panel',
  SharedArrayBuffer: 'there are no workers',
  eval: 'code from text is not allowed',
  process: 'pass settings in',
  Buffer: 'use Uint8Array',
};

/** Members by name, on whatever object: they belong to APIs that UXP has not. */
const members: Readonly<Record<string, string>> = {
  getImageData: 'the canvas has no pixels: use ImageBlob',
  putImageData: 'the canvas has no pixels: use ImageBlob',
  createImageData: 'the canvas has no pixels: use ImageBlob',
  drawImage: 'the canvas draws shapes only: use <img>',
  toDataURL: 'the canvas has no pixels: use ImageBlob',
  toBlob: 'the canvas has no pixels: use ImageBlob',
  attachInternals: 'not in UXP',
  animate: 'change it at once',
  startViewTransition: 'change it at once',
  matchMedia: 'use prefers-color-scheme in the style sheet',
  toSorted: 'newer than Photoshop 25: copy, then sort',
  toReversed: 'newer than Photoshop 25: copy, then reverse',
  toSpliced: 'newer than Photoshop 25: copy, then splice',
  findLast: 'newer than Photoshop 25: search backwards',
  findLastIndex: 'newer than Photoshop 25: search backwards',
  groupBy: 'newer than Photoshop 25: fill a map',
  withResolvers: 'newer than Photoshop 25: keep resolve and reject by hand',
};

/** Constructors of sendable things that UXP's WebSocket does not send. */
const notSendable = new Set(['Blob', 'File', 'FormData']);

/** @param script the text of the built bundle. */
export function lintScript(script: string): readonly Finding[] {
  const source = ts.createSourceFile('bundle.js', script, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
  const findings: Finding[] = [];
  const add = (rule: string, node: ts.Node, message: string): void => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    findings.push({ rule, line: line + 1, message });
  };
  const declared = declaredNames(source);
  const visit = (node: ts.Node): void => {
    for (const [rule, message] of findingsOf(node, declared)) add(rule, node, message);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return findings;
}

function* findingsOf(node: ts.Node, declared: ReadonlySet<string>): Generator<readonly [string, string]> {
  if (ts.isIdentifier(node)) yield* identifierFindings(node, declared);
  if (ts.isPropertyAccessExpression(node)) {
    const instead = own(members, node.name.text);
    if (instead !== undefined) yield ['script-member', `UXP has no "${node.name.text}": ${instead}`];
  }
  if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && isName(node.expression, 'Function')) {
    yield ['script-code-from-text', 'UXP runs no code from text: write the function'];
  }
  if (ts.isCallExpression(node)) yield* callFindings(node);
  if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) yield* textFindings(node.text);
  if (ts.isBinaryExpression(node)) yield* syntaxFindings(node);
  if (ts.isPrivateIdentifier(node) || ts.isClassStaticBlockDeclaration(node)) {
    yield ['script-syntax', 'private members and static blocks are newer than ES2020: build for es2020'];
  }
  if (ts.isAwaitExpression(node) && isTopLevel(node))
    yield ['script-syntax', 'await outside of a function is newer than ES2020'];
}

function* identifierFindings(node: ts.Identifier, declared: ReadonlySet<string>): Generator<readonly [string, string]> {
  const instead = own(globals, node.text);
  if (instead === undefined || declared.has(node.text)) return;
  const { parent } = node;
  const isMemberName =
    (ts.isPropertyAccessExpression(parent) && parent.name === node && !isGlobalObject(parent.expression)) ||
    (ts.isPropertyAssignment(parent) && parent.name === node) ||
    (ts.isMethodDeclaration(parent) && parent.name === node) ||
    (ts.isBindingElement(parent) && parent.propertyName === node);
  if (isMemberName || ts.isTypeOfExpression(parent)) return;
  yield ['script-global', `UXP has no "${node.text}": ${instead}`];
}

function* callFindings(node: ts.CallExpression): Generator<readonly [string, string]> {
  const { expression, arguments: given } = node;
  if (!ts.isPropertyAccessExpression(expression)) {
    const isTimer = isName(expression, 'setTimeout') || isName(expression, 'setInterval');
    if (isTimer && given[0] !== undefined && ts.isStringLiteralLike(given[0])) {
      yield ['script-code-from-text', 'UXP runs no code from text: pass a function'];
    }
    return;
  }
  const [first] = given;
  if (first === undefined) return;
  const sends = expression.name.text === 'send' && ts.isNewExpression(first) && ts.isIdentifier(first.expression);
  if (sends && notSendable.has(first.expression.text)) {
    yield ['script-send', 'a WebSocket of UXP sends text, ArrayBuffer and views: no Blob'];
  }
  if (expression.name.text === 'createElement' && ts.isStringLiteralLike(first)) {
    for (const { rule, message } of lintHtml(`<${first.text} value="">`)) yield [rule, message];
  }
  if (expression.name.text === 'setProperty' && ts.isStringLiteralLike(first)) {
    for (const { rule, message } of lintCss(`${first.text}: inherit`)) yield [rule, message];
  }
  if (expression.name.text === 'addEventListener' && ts.isStringLiteralLike(first)) {
    if (/^(?:keypress|drag|drop)/.test(first.text)) yield ['script-event', `UXP does not send "${first.text}"`];
  }
}

/** Style properties that are set by name, and logical assignments. */
function* syntaxFindings(node: ts.BinaryExpression): Generator<readonly [string, string]> {
  const { kind } = node.operatorToken;
  const isLogical =
    kind === ts.SyntaxKind.BarBarEqualsToken ||
    kind === ts.SyntaxKind.AmpersandAmpersandEqualsToken ||
    kind === ts.SyntaxKind.QuestionQuestionEqualsToken;
  if (isLogical) yield ['script-syntax', 'logical assignment is newer than ES2020: build for es2020'];
  const { left } = node;
  if (kind !== ts.SyntaxKind.EqualsToken || !ts.isPropertyAccessExpression(left)) return;
  const isStyle = ts.isPropertyAccessExpression(left.expression) && left.expression.name.text === 'style';
  if (isStyle) {
    const property = left.name.text.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    for (const { rule, message } of lintCss(`${property}: inherit`)) yield [rule, message];
  }
  if (left.name.text === 'htmlFor')
    yield ['html-attribute', 'UXP has no "for" on <label>: put the control into the label'];
}

/** Texts that are markup or a style sheet. */
function* textFindings(text: string): Generator<readonly [string, string]> {
  if (/<[a-z][a-z0-9-]*(?:\s[^<>]*)?>/.test(text))
    for (const { rule, message } of lintHtml(text)) yield [rule, message];
  else if (/\{[^{}]*[a-z-]+\s*:[^{}]*\}/.test(text) && /^[\s.#:*a-z@[]/i.test(text)) {
    for (const { rule, message } of lintCss(text)) yield [rule, message];
  }
}

const own = (table: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

const isName = (node: ts.Expression, name: string): boolean => ts.isIdentifier(node) && node.text === name;

const isGlobalObject = (node: ts.Expression): boolean =>
  ts.isIdentifier(node) && ['globalThis', 'window', 'self', 'navigator'].includes(node.text);

/** Names that the script declares itself, anywhere: they hide the global of that name. */
function declaredNames(source: ts.SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    const name = (node as Partial<ts.NamedDeclaration>).name;
    const declares =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isClassDeclaration(node);
    if (declares && name !== undefined && ts.isIdentifier(name)) names.add(name.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}

function isTopLevel(node: ts.Node): boolean {
  for (let at = node.parent; !ts.isSourceFile(at); at = at.parent) if (ts.isFunctionLike(at)) return false;
  return true;
}
