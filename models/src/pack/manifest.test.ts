import { describe, expect, it } from 'vitest';
import { checkManifest, packFormat, packFormatVersion, referencedFiles } from './manifest.js';
import { PackError } from './pack-error.js';

const mapper = {
  conditionWidth: 8,
  hidden: null,
  output: 'leaky',
  standardize: false,
  shareLayers: true,
  weights: 'folded',
};
const channels = { 4: 2, 8: 2, 16: 2, 32: 2 };
const configs: Record<string, object> = {
  generator: {
    ...{ size: 32, styleDim: 3, channels, upsampling: 'convolve-then-nearest' },
    ...{ noise: false, demodulate: true, colourStyles: 'separate' },
  },
  inverter: { resolution: 32, styleDim: 3, rows: 8, stages: [[2]], hidden: 2 },
  'clip-image': { resolution: 32, layers: [{ channels: 2, stride: 2 }], hidden: 2, embedDim: 4 },
  'clip-text': {
    ...{ vocabularySize: 5, wordDim: 2, contextLength: 3, width: 2 },
    ...{ blocks: 1, heads: 1, hidden: 2, embedDim: 4 },
  },
  mapper,
};
const attributes = [
  {
    name: 'hat',
    values: [
      { value: 'cap', phrase: 'face with cap' },
      { value: 'none', phrase: 'face' },
    ],
  },
  {
    name: 'hatColour',
    values: [{ value: 'red', phrase: 'face with red hat' }],
    needs: { attribute: 'hat', values: ['cap'] },
  },
];

/** A valid pack.json with some entries changed. */
function json(
  changes: { components?: object; text?: object; defaults?: object; files?: readonly string[] } = {},
): unknown {
  const components = { ...configs, ...changes.components };
  const weights = Object.keys(components).map((name) => `${name}.safetensors`);
  const paths = changes.files ?? [...weights, 'vocabulary.json', 'statistics.safetensors'];
  return {
    format: packFormat,
    formatVersion: packFormatVersion,
    id: 'tiny',
    version: '1.0.0',
    domain: 'face',
    resolution: 32,
    components: Object.fromEntries(
      Object.entries(components).map(([name, config]) => [name, { config, weights: `${name}.safetensors` }]),
    ),
    text: { vocabulary: 'vocabulary.json', templates: ['{}'], ...changes.text },
    statistics: 'statistics.safetensors',
    defaults: { strength: 1, threshold: 0.1, ...changes.defaults },
    licence: 'MIT',
    provenance: {},
    files: paths.map((path) => ({ path, sizeBytes: 1, sha256: '0'.repeat(64) })),
  };
}
const complaint = (value: unknown): string => {
  try {
    checkManifest(value);
    return 'accepted';
  } catch (error) {
    if (error instanceof PackError && error.code === 'pack_damaged') return error.message;
    throw error;
  }
};

describe('pack.json', () => {
  it('needs none of the newer entries, and invents none', () => {
    const { defaults, text, components } = checkManifest(json());
    expect(defaults).toEqual({ strength: 1, threshold: 0.1 });
    expect(text).not.toHaveProperty('attributes');
    expect(Object.keys(components)).toEqual(Object.keys(configs));
  });

  it('keeps attributes with their phrases and what they need', () => {
    expect(checkManifest(json({ text: { attributes } })).text.attributes).toEqual(attributes);
  });

  it('keeps the defaults of sources and baselines', () => {
    const defaults = { source: 'auto', styleclip: { strength: 4, threshold: 0.2 }, wplusStrength: 0.5 };
    const manifest = checkManifest(json({ text: { attributes }, defaults }));
    expect(manifest.defaults).toEqual({ strength: 1, threshold: 0.1, ...defaults });
    expect(checkManifest(json({ defaults: { source: 'domain' } })).defaults.source).toBe('domain');
  });

  it('may hold the baselines’ mappers, whose weights are files of the pack', () => {
    const components = { 'straightforward-mapper': mapper, 'wplus-mapper': mapper };
    const manifest = checkManifest(json({ components }));
    expect(manifest.components['wplus-mapper']?.config).toEqual(mapper);
    expect(referencedFiles(manifest)).toEqual(
      expect.arrayContaining(['straightforward-mapper.safetensors', 'wplus-mapper.safetensors']),
    );
  });

  const [hat, colour] = attributes;
  it.each<[string, Parameters<typeof json>[0], string]>([
    ['a source of auto without attributes', { defaults: { source: 'auto' } }, 'auto needs text.attributes'],
    ['an unknown source', { text: { attributes }, defaults: { source: 'guess' } }, 'defaults.source'],
    ['a StyleCLIP default without threshold', { defaults: { styleclip: { strength: 3 } } }, 'styleclip.threshold'],
    ['a W+ strength that is no number', { defaults: { wplusStrength: '1' } }, 'defaults.wplusStrength'],
    ['attributes that are no list', { text: { attributes: {} } }, 'text.attributes'],
    ['an attribute twice', { text: { attributes: [hat, hat] } }, 'attribute is listed twice'],
    ['a need that no attribute meets', { text: { attributes: [colour] } }, 'needs one that is not listed'],
    [
      'a value twice',
      { text: { attributes: [{ ...hat, values: [hat?.values[0], hat?.values[0]] }] } },
      'lists a value twice',
    ],
    [
      'a need of a value that is not listed',
      { text: { attributes: [hat, { ...colour, needs: { attribute: 'hat', values: ['helmet'] } }] } },
      'needs one that is not listed',
    ],
    ['an empty phrase', { text: { attributes: [{ name: 'a', values: [{ value: 'b', phrase: ' ' }] }] } }, 'phrase'],
    ['a name with spaces', { text: { attributes: [{ name: 'hair colour', values: [] }] } }, 'attributes[0].name'],
    [
      'a W+ mapper of another width',
      { components: { 'wplus-mapper': { ...mapper, conditionWidth: 6 } } },
      'CLIP width',
    ],
    ['a W+ mapper without configuration', { components: { 'wplus-mapper': {} } }, 'wplus-mapper.config'],
    [
      'a W+ mapper whose file is not listed',
      { components: { 'wplus-mapper': mapper }, files: ['vocabulary.json', 'statistics.safetensors'] },
      'is not listed',
    ],
  ])('is refused with %s', (_, changes, part) => {
    expect(complaint(json())).toBe('accepted');
    expect(complaint(json(changes))).toContain(part);
  });
});
