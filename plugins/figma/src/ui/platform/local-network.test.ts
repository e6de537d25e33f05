import { describe, expect, it } from 'vitest';
import { permissionNames, permissionReader } from './local-network.js';

describe('the permission for the local network', () => {
  it.each(['granted', 'denied', 'prompt'] as const)('is told as %s', async (state) => {
    expect(await permissionReader({ query: () => Promise.resolve({ state }) })()).toBe(state);
  });

  it('is looked for under its older name where the browser does not know the newer one', async () => {
    const asked: string[] = [];
    const read = permissionReader({
      query({ name }) {
        asked.push(name);
        return name === permissionNames[0]
          ? Promise.reject(new TypeError('not a valid enum value'))
          : Promise.resolve({ state: 'denied' });
      },
    });
    expect(await read()).toBe('denied');
    expect(asked).toEqual(permissionNames);
  });

  it('is unknown in browsers that have none, or nothing to ask', async () => {
    expect(await permissionReader({ query: () => Promise.reject(new TypeError()) })()).toBe('unknown');
    expect(await permissionReader(undefined)()).toBe('unknown');
  });
});
