/** The panel's model without widgets and without a daemon: what it captures, and when; what it knows of results. */
import { emptyRecipe, type Connection, type Platform } from '@deltaspace/plugin-core';
import {
  captureAgain,
  commitEdit,
  createPhotoshopPort,
  LayerEditor,
  runEdit,
  TargetFinder,
  type EditFunction,
  type LayerFacts,
  type PhotoshopPort,
} from '@deltaspace/photoshop-plugin';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakePhotoshop } from '../fakes/photoshop/fake-photoshop.js';
import { header, paintGlasses, portrait } from '../fakes/photoshop/scenes.js';

let photoshop: FakePhotoshop;
let port: PhotoshopPort;
beforeEach(() => {
  photoshop = new FakePhotoshop();
  port = createPhotoshopPort(photoshop.modules);
  photoshop.open(header(), portrait(header()));
});
afterEach(() => expect(photoshop.images.undisposed).toBe(0));

function editorOf(): LayerEditor {
  const document = port.activeDocument()!;
  const layer: LayerFacts = port.layer(document.id, 7)!;
  return new LayerEditor({
    port,
    platform: { randomId: () => 'one' } as Partial<Platform> as Platform,
    connection: { client: undefined } as Connection, // nobody to ask for subjects: the layer is one
    target: { kind: 'layer', document, layer, selection: undefined, bounds: layer.bounds, result: undefined },
    recipe: () => emptyRecipe,
    onChange: () => undefined,
  });
}

describe('a layer editor', () => {
  it('does not answer with the session of an earlier capture while it captures again', async () => {
    const editor = editorOf();
    const first = await editor.open();
    editor.markStale();
    const again = editor.open();
    expect(editor.openSession).toBeUndefined();
    expect(await editor.open()).not.toBe(first);
    expect(await again).toBe(editor.openSession);
  });

  it('captures again after a capture that failed, instead of going on with what was captured before it', async () => {
    const editor = editorOf();
    const first = await editor.open();
    photoshop.modality.cancelAfterCalls = 0; // Esc
    await expect(editor.chooseSubject(0)).rejects.toMatchObject({ code: 'cancelled' });
    expect(editor.openSession).toBeUndefined();
    photoshop.modality.cancelAfterCalls = Number.POSITIVE_INFINITY;
    expect(await editor.open()).not.toBe(first);
  });

  it('reads its own layer when another document with the same ids is in front', async () => {
    const editor = editorOf();
    const other = photoshop.open(header({ name: 'other.psd' }), portrait(header()));
    await editor.open();
    expect(editor.capture!.document.id).not.toBe(other.id);
  });
});

describe('what the panel knows of results', () => {
  const edit: EditFunction = (capture) => Promise.resolve({ edited: paintGlasses(capture), name: 'glasses' });
  const recipeOf = async (finder: TargetFinder): Promise<string | undefined> => {
    const target = await finder.look();
    return target.kind === 'layer' ? target.result?.edit : undefined;
  };

  it('goes back with undo and forth with redo', async () => {
    const document = photoshop.open(header(), portrait(header()));
    const finder = new TargetFinder(port);
    await runEdit(port, edit, 'first');
    expect(await recipeOf(finder)).toBe('first');
    const { capture, resultLayerId } = await captureAgain(port);
    const edited = paintGlasses(capture).map((value, at) => (at % 4 === 3 ? value : Math.max(0, value - 9)));
    await commitEdit(port, { capture, edited, name: 'darker', recipe: 'second', replaceLayerId: resultLayerId });
    finder.forget();
    expect(await recipeOf(finder)).toBe('second');
    document.undo();
    expect(await recipeOf(finder)).toBe('first');
    document.redo();
    expect(await recipeOf(finder)).toBe('second');
  });

  it('is read once while a person goes on working', async () => {
    const document = photoshop.open(header(), portrait(header()));
    const finder = new TargetFinder(port);
    for (const id of [7, 2, 7]) {
      await finder.look();
      document.changeByUser('Select', (state) => ({ ...state, activeIds: [id] }));
    }
    expect(photoshop.modality.scopes).toEqual(['deltaspace: read edit']);
  });
});
