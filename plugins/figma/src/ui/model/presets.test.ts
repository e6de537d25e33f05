import { describe, expect, it } from 'vitest';
import { emptyRecipe } from '@deltaspace/plugin-core';
import { type Json } from '../../bridge/index.js';
import { type UiBridge } from '../ui-bridge.js';
import { presetLimits, Presets } from './presets.js';

/** The storage of the main side, in memory. */
function fakeStorage(stored: Record<string, Json> = {}) {
  const request = (type: string, { key, value }: { key: string; value?: Json }) => {
    if (type === 'storage.write' && value !== undefined) stored[key] = value;
    return Promise.resolve({ value: stored[key] ?? null });
  };
  return { stored, bridge: { request } as unknown as Pick<UiBridge, 'request'> };
}

const hat = { ...emptyRecipe, texts: ['face with hat'], strength: 2 };

describe('presets', () => {
  it('are there again after a restart', async () => {
    const { bridge } = fakeStorage();
    new Presets(bridge).keep(' Hat ', hat);
    const later = new Presets(bridge);
    await later.load();
    expect(later.all.value).toEqual([{ name: 'Hat', recipe: hat }]);
  });

  it('replace those of the same name, and are bounded in number', () => {
    const presets = new Presets(fakeStorage().bridge);
    for (let index = 0; index < presetLimits.presets + 3; index++) presets.keep(`Hat ${index}`, hat);
    presets.keep('Hat 9', emptyRecipe);
    expect(presets.all.value).toHaveLength(presetLimits.presets);
    expect(presets.all.value[0]).toEqual({ name: 'Hat 9', recipe: emptyRecipe });
    presets.remove('Hat 9');
    expect(presets.all.value.some(({ name }) => name === 'Hat 9')).toBe(false);
  });

  it('leave out what cannot be read', async () => {
    const good = { name: 'Hat', recipe: hat as unknown as Json };
    const { bridge } = fakeStorage({ presets: [7, { name: 'x' }, { name: 'New', recipe: { version: 99 } }, good] });
    const presets = new Presets(bridge);
    await presets.load();
    expect(presets.all.value.map(({ name }) => name)).toEqual(['Hat']);
  });

  it('go on without storage', async () => {
    const broken = { request: () => Promise.reject(new Error('full')) } as unknown as Pick<UiBridge, 'request'>;
    const presets = new Presets(broken);
    await presets.load();
    presets.keep('Hat', hat);
    expect(presets.all.value).toHaveLength(1);
  });

  it('and texts that were used are kept apart, newest first and each once', async () => {
    const { bridge, stored } = fakeStorage({ recentTexts: ['a smile', 'hat'] });
    const presets = new Presets(bridge);
    await presets.load();
    presets.remember(['hat', 'beard']);
    expect(stored['recentTexts']).toEqual(['hat', 'beard', 'a smile']);
  });
});
