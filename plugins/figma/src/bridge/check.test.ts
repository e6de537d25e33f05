import { describe, expect, it } from 'vitest';
import { utf8Bytes, bridgeLimits, readToMain, readToUi } from './index.js';

const apply = {
  type: 'apply',
  requestId: 3,
  params: { targetId: '1:2', sourceKey: 'abc', image: new Uint8Array([1]), recipe: { text: 'smile' }, label: 'smile' },
};
const withParams = (params: object): unknown => ({ ...apply, params: { ...apply.params, ...params } });

describe('a message of the UI', () => {
  it('is read when every field is there', () => {
    expect(readToMain(apply)).toEqual({ ok: true, message: apply });
    expect(readToMain({ type: 'close', requestId: 0, params: {} }).ok).toBe(true);
  });

  it.each([
    ['not an object', 7, 'expected a message'],
    ['a request without a number', { ...apply, requestId: 'x' }, 'requestId'],
    ['an unknown request', { ...apply, type: 'toString' }, 'toString'],
    ['no parameters', { type: 'apply', requestId: 1 }, 'params'],
    ['an image as numbers', withParams({ image: [1, 2] }), 'image'],
    ['an empty image', withParams({ image: new Uint8Array() }), 'image'],
    ['a recipe that JSON cannot say', withParams({ recipe: { when: () => 1 } }), 'recipe'],
    ['an endless label', withParams({ label: 'x'.repeat(bridgeLimits.labelCharacters + 1) }), 'label'],
  ])('is refused for %s', (_, message, problem) => {
    const reading = readToMain(message);
    expect(reading.ok ? '' : reading.problem).toContain(problem);
  });

  it('is refused for a board of no cells, of too many, and of unknown kind', () => {
    const open = (layout: object) =>
      readToMain({ type: 'board.open', requestId: 1, params: { targetId: '1:2', title: '', layout } }).ok;
    expect(open({ kind: 'grid', rows: ['a'], columns: ['1', '2'] })).toBe(true);
    expect(open({ kind: 'grid', rows: [], columns: ['1'] })).toBe(false);
    const nine = Array.from({ length: 9 }, String);
    expect(open({ kind: 'mix', contents: nine, styles: nine })).toBe(false);
    expect(open({ kind: 'ring', steps: ['a'] })).toBe(false);
  });

  it('tells the number of a request that it refuses, so that the UI is answered', () => {
    expect(readToMain({ ...apply, type: 'nothing' })).toMatchObject({ ok: false, requestId: 3 });
  });
});

describe('a message of the main side', () => {
  it('is read by its type', () => {
    expect(readToUi({ type: 'done', requestId: 1, result: {} }).ok).toBe(true);
    expect(readToUi({ type: 'failed', requestId: 1, failure: { code: 'layer_gone', message: 'Gone.' } }).ok).toBe(true);
    expect(readToUi({ type: 'selection', selection: { targets: [] } }).ok).toBe(true);
    expect(readToUi({ type: 'failed', requestId: 1 }).ok).toBe(false);
    expect(readToUi({ type: 'apply', requestId: 1, result: {} }).ok).toBe(false);
  });
});

it('counts UTF-8 bytes as an encoder does', () => {
  const text = 'aé€😀\ud800';
  expect(utf8Bytes(text)).toBe(new TextEncoder().encode(text).length);
});
