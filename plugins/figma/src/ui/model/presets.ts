/**
 * What the panel remembers on this computer besides the token: presets, and the texts that were used last (the command bar
 * suggests those).
 *
 * Storage that fails costs convenience only; the panel goes on with what it has in memory.
 */
import { Subject, type Observable, type Recipe } from '@deltaspace/plugin-core';
import { type Json } from '../../bridge/index.js';
import { type UiBridge } from '../ui-bridge.js';
import { fromStored, toStored } from './stored-recipe.js';

/** A recipe under a name. */
export interface Preset {
  readonly name: string;
  readonly recipe: Recipe;
}

export const presetLimits = {
  presets: 24,
  nameCharacters: 60,
  /** Newest first; the main side shows a dozen. */
  recentTexts: 20,
} as const;

/** Keys of the plugin's storage. `recentTexts` is read by the main side, too. */
const keys = { presets: 'presets', recentTexts: 'recentTexts' } as const;

export class Presets {
  readonly #bridge: Pick<UiBridge, 'request'>;
  readonly #presets = new Subject<readonly Preset[]>([]);
  #recentTexts: readonly string[] = [];

  constructor(bridge: Pick<UiBridge, 'request'>) {
    this.#bridge = bridge;
  }

  get all(): Observable<readonly Preset[]> {
    return this.#presets;
  }

  /** Reads what was stored. Entries that cannot be read are left out. */
  async load(): Promise<void> {
    const [presets, texts] = await Promise.all([this.#read(keys.presets), this.#read(keys.recentTexts)]);
    this.#presets.set(listOf(presets).flatMap(readPreset).slice(0, presetLimits.presets));
    this.#recentTexts = listOf(texts).filter((text): text is string => typeof text === 'string');
  }

  /** Keeps a recipe under a name; one of the same name gives way, the oldest where there are too many. */
  keep(name: string, recipe: Recipe): void {
    const short = name.trim().slice(0, presetLimits.nameCharacters);
    const others = this.#presets.value.filter((preset) => preset.name !== short);
    this.#set([{ name: short, recipe }, ...others].slice(0, presetLimits.presets));
  }

  remove(name: string): void {
    this.#set(this.#presets.value.filter((preset) => preset.name !== name));
  }

  /** The texts of an edit that was applied. */
  remember(texts: readonly string[]): void {
    const all = [...new Set([...texts, ...this.#recentTexts])].slice(0, presetLimits.recentTexts);
    this.#recentTexts = all;
    this.#write(keys.recentTexts, all);
  }

  #set(presets: readonly Preset[]): void {
    this.#presets.set(presets);
    this.#write(
      keys.presets,
      presets.map(({ name, recipe }) => ({ name, recipe: toStored(recipe) })),
    );
  }

  async #read(key: string): Promise<Json> {
    const answer = await this.#bridge.request('storage.read', { key }).catch(() => ({ value: null }));
    return answer.value;
  }

  #write(key: string, value: Json): void {
    this.#bridge.request('storage.write', { key, value }).catch(() => undefined);
  }
}

const listOf = (value: Json): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);

function readPreset(value: Json): Preset[] {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('recipe' in value)) return [];
  const { name, recipe } = value;
  if (typeof name !== 'string' || name === '' || recipe === undefined) return [];
  const reading = fromStored(recipe);
  return reading.ok ? [{ name: name.slice(0, presetLimits.nameCharacters), recipe: reading.recipe }] : [];
}
