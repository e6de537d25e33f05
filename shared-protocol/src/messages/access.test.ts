import { describe, expect, it } from 'vitest';
import { clientNameSchema, originSchema, scopesSchema, scopes } from './access.js';
import { mayCall, methodScopes } from './method-scopes.js';
import { methods, type MethodName } from './methods.js';

describe('the name of a client', () => {
  it.each(['a', 'deltaspace for Figma', 'Ателье 3 (v1.2)', '画像', 'x'.repeat(64)])('may be %j', (name) => {
    expect(clientNameSchema.safeParse(name).success).toBe(true);
  });

  it.each(['', ' ', ' a', 'a  b', 'a\nb', '\u001b[2J', 'a\u202eb', 'a\u200bb', 'x'.repeat(65)])(
    'may not be %j, which could fool a terminal',
    (name) => {
      expect(clientNameSchema.safeParse(name).success).toBe(false);
    },
  );
});

describe('an origin to let in', () => {
  it.each(['https://www.figma.com', 'http://localhost:3000', 'file://', 'uxp://plugin.id'])('may be %s', (origin) => {
    expect(originSchema.safeParse(origin).success).toBe(true);
  });

  it.each([
    '',
    'null',
    '*',
    'figma.com',
    'https://figma.com/',
    'https://a?b',
    'HTTPS://A',
    'https://u@h',
    'https://a b',
  ])('may not be %j', (origin) => {
    expect(originSchema.safeParse(origin).success).toBe(false);
  });
});

describe('scopes', () => {
  it('are given at least one, and each once', () => {
    expect(scopesSchema.safeParse([...scopes]).success).toBe(true);
    for (const wrong of [[], ['edit', 'edit'], ['root']]) expect(scopesSchema.safeParse(wrong).success).toBe(false);
  });

  it('are asked for by exactly the methods that there are', () => {
    expect(Object.keys(methodScopes).sort()).toEqual(Object.keys(methods).sort());
  });

  it('open what they name and nothing else', () => {
    const opened = (scope: (typeof scopes)[number]): MethodName[] =>
      (Object.keys(methods) as MethodName[]).filter(
        (method) => methodScopes[method] !== 'any' && mayCall([scope], method),
      );
    expect(opened('edit')).toEqual(expect.arrayContaining(['edit', 'interpolate', 'mix', 'invert']));
    expect(opened('edit')).not.toContain('models.run');
    expect(opened('models')).toEqual(expect.arrayContaining(['models.run']));
    expect(opened('admin')).toEqual(expect.arrayContaining(['server.shutdown', 'pairing.begin', 'clients.revoke']));
    expect(mayCall([], 'initialize')).toBe(true);
  });
});
