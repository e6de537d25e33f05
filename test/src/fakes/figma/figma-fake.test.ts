/** The fake is worth something only as long as it refuses what Figma refuses. */
import { afterEach, describe, expect, it } from 'vitest';
import { FakeDocument } from './document.js';
import { FakeEditor } from './figma-api.js';
import { absoluteBox } from './geometry.js';
import { picture, red } from './pictures.js';
import { QuickJsHost } from './quickjs-host.js';

let host: QuickJsHost | undefined;
afterEach(() => {
  host?.close();
  host = undefined;
});

/** A sandbox around an editor, where scripts leave their result in `out`. */
async function open(document = new FakeDocument(), editorType: 'figma' | 'dev' = 'figma') {
  const editor = new FakeEditor({ document, relaunchCommands: ['edit'], editorType });
  const sandbox = await QuickJsHost.open(editor.api, editor.mixed, '');
  host = sandbox;
  const script = (text: string): void => sandbox.run(text);
  /** What an expression throws, as a text. */
  const error = (expression: string): unknown =>
    sandbox.evaluate(`(() => { try { ${expression}; return 'nothing'; } catch (error) { return error.message; } })()`);
  const settled = async (expression: string): Promise<unknown> => {
    script(`var out; (async () => ${expression})().then((value) => (out = value), (error) => (out = error.message));`);
    await expect.poll(() => sandbox.evaluate('out')).toBeDefined();
    return sandbox.evaluate('out');
  };
  return { editor, document, sandbox, script, error, settled };
}

describe('the sandbox', () => {
  it('has the globals of Figma and none of a browser or of Node', async () => {
    const { sandbox } = await open();
    const names = [
      'figma',
      '__html__',
      'console',
      'setTimeout',
      'clearTimeout',
      'fetch',
      'TextEncoder',
      'URL',
      'process',
    ];
    const kinds = names.map((name) => sandbox.evaluate(`typeof ${name}`));
    expect(kinds).toEqual([
      'object',
      'string',
      'object',
      'function',
      'function',
      ...Array<string>(4).fill('undefined'),
    ]);
    expect(sandbox.evaluate('typeof bridge + typeof hostCall')).toBe('undefinedundefined');
  });

  it('hands out the same object for the same node, and figma.mixed as itself', async () => {
    const document = new FakeDocument();
    const text = document.add('TEXT', { fills: 'mixed' });
    const { settled } = await open(document);
    const same = `(await figma.getNodeByIdAsync('${text.id}')) === figma.currentPage.children[0]`;
    expect(await settled(same)).toBe(true);
    expect(await settled(`figma.currentPage.children[0].fills === figma.mixed`)).toBe(true);
  });

  it('copies bytes both ways', async () => {
    const { editor, settled } = await open();
    const bytes = await picture(8, 8, red);
    const hash = editor.images.create(bytes);
    const script = `{ const b = await figma.getImageByHash('${hash}').getBytesAsync(); b[0] = 0;
      const c = await figma.getImageByHash('${hash}').getBytesAsync(); return figma.createImage(c).hash + b[0]; }`;
    expect(await settled(`(async () => ${script})()`)).toBe(`${hash}0`);
  });

  it('runs timers, and writes to the console', async () => {
    const { sandbox, script } = await open();
    script(
      `var fired = 0; clearTimeout(setTimeout(() => (fired += 10), 1)); setTimeout(() => (fired += 1), 5); console.warn('w', 1);`,
    );
    await expect.poll(() => sandbox.evaluate('fired')).toBe(1);
    expect(sandbox.consoleLines).toEqual([{ level: 'warn', text: 'w 1' }]);
  });

  it('stops a loop over pixels', async () => {
    const { script } = await open();
    expect(() => script('for (let i = 0; i < 4096 * 4096; i++) {}')).toThrow('interrupted');
  });
});

describe('the fake editor', () => {
  it.each([
    ['what it does not know', `figma.base64Encode('x')`, 'figma.base64Encode is not known'],
    ['unknown properties of a node', `figma.createRectangle().paddingTop`, 'RECTANGLE.paddingTop is not known'],
    ['nodes by id at once', `figma.getNodeById('1:1')`, 'getNodeByIdAsync'],
    ['another page at once', `figma.currentPage = figma.currentPage`, 'setCurrentPageAsync'],
    ['changes of its fills', `'use strict'; figma.createFrame().fills.push(1)`, 'not extensible'],
    ['text in a font that was not loaded', `figma.createText().characters = 'x'`, 'unloaded font'],
    ['images of another kind', `figma.createImage(new Uint8Array([1, 2]))`, 'unsupported'],
    ['notices of more than 100 characters', `figma.notify('x'.repeat(101))`, '100 characters'],
    ['plugin data of more than 100 kB', `figma.createFrame().setPluginData('k', 'x'.repeat(1e5))`, '100 kB'],
    ['buttons that the manifest has not', `figma.createFrame().setRelaunchData({ other: '' })`, 'no relaunch button'],
    ['wrapping of columns', `figma.createFrame().layoutWrap = 'WRAP'`, 'HORIZONTAL'],
    [
      'paints with fields of its own making',
      `figma.createFrame().fills = [{ type: 'SOLID', colour: 1 }]`,
      'Unrecognized',
    ],
    [
      'images that are not in its store',
      `figma.createFrame().fills = [{ type: 'IMAGE', scaleMode: 'FILL', imageHash: 'x' }]`,
      'no image',
    ],
    ['messages without a window', `figma.ui.postMessage(1)`, 'showUI'],
    ['nodes that were removed', `const f = figma.createFrame(); f.remove(); f.name`, 'does not exist'],
    ['anything once it is closed', `figma.closePlugin(); figma.notify('x')`, 'after the plugin was closed'],
  ])('refuses %s', async (_, expression, message) => {
    const { error } = await open();
    expect(error(expression)).toContain(message);
  });

  it('refuses changes within an instance, and all in Dev Mode', async () => {
    const document = new FakeDocument();
    const instance = document.add('INSTANCE');
    document.add('RECTANGLE', { parent: instance });
    const first = await open(document);
    const child = 'figma.currentPage.children[0].children[0]';
    expect(first.error(`${child}.remove()`)).toContain('inside of an instance');
    expect(first.error(`figma.currentPage.children[0].appendChild(figma.createFrame())`)).toContain('instance');
    host?.close();
    const second = await open(document, 'dev');
    expect(second.error(`${child}.name = 'x'`)).toContain('read-only');
    expect(second.error(`figma.createFrame()`)).toContain('read-only');
  });

  it('refuses images above 4096 pixels and files that are none, and names good ones by content', async () => {
    const { editor } = await open();
    expect(() => editor.images.create(new Uint8Array(10))).toThrow('unsupported');
    const large = await picture(4097, 2, red, 'jpeg');
    expect(() => editor.images.create(large)).toThrow('too large');
    const [one, two] = [await picture(3, 3, red, 'gif'), await picture(3, 3, red, 'gif')];
    expect(editor.images.create(one)).toBe(editor.images.create(two));
  });

  it('takes back steps one by one, to the last byte', () => {
    const document = new FakeDocument();
    document.open();
    const states = [document.snapshot()];
    for (const name of ['a', 'b']) {
      const frame = document.add('FRAME', { name });
      frame.pluginData['k'] = name;
      document.commitUndo();
      states.push(document.snapshot());
    }
    document.commitUndo(); // nothing changed: no step
    expect(document.undoSteps).toBe(2);
    document.triggerUndo();
    expect(document.snapshot()).toEqual(states[1]);
    document.triggerUndo();
    expect(document.snapshot()).toEqual(states[0]);
    expect(document.triggerUndo()).toBe(false);
  });

  it('lays out rows that hug, centre and wrap', () => {
    const document = new FakeDocument();
    const settings = {
      layoutMode: 'HORIZONTAL',
      primaryAxisSizingMode: 'AUTO',
      counterAxisSizingMode: 'AUTO',
      counterAxisAlignItems: 'CENTER',
      itemSpacing: 10,
      paddingLeft: 5,
      paddingTop: 7,
    };
    const row = document.add('FRAME', { x: 100, y: 200, settings });
    const [small, large] = [20, 60].map((side) =>
      document.add('RECTANGLE', { parent: row, width: side, height: side }),
    );
    if (small === undefined || large === undefined) throw new Error('expected two layers');
    document.settle();
    expect([row.width, row.height]).toEqual([95, 67]);
    expect(absoluteBox(document, small)).toEqual({ x: 105, y: 227, width: 20, height: 20 });
    expect(absoluteBox(document, large)).toEqual({ x: 135, y: 207, width: 60, height: 60 });
    row.settings = { ...row.settings, layoutWrap: 'WRAP', primaryAxisSizingMode: 'FIXED', counterAxisSpacing: 3 };
    row.width = 70;
    document.touch();
    document.settle();
    expect(absoluteBox(document, large)).toEqual({ x: 105, y: 230, width: 60, height: 60 });
    expect(row.height).toBe(7 + 20 + 3 + 60);
  });
});
