/**
 * pack.json: what a pack is, which networks it holds, and where every number in it came from.
 *
 * A pack is a folder with this manifest, one safetensors file per component, a statistics file, and the vocabulary of the
 * text tower. Components are architectures with a configuration; `build-network.ts` turns them into the networks that are
 * run. Published CLIP models and ready-made .onnx networks are not supported yet.
 */
import type { AttributeClassifierConfig } from '../networks/attribute-classifier.js';
import type { ClipImageConfig, ClipTextConfig } from '../networks/clip.js';
import type { DeltaMapperConfig } from '../networks/delta-mapper.js';
import type { InverterConfig } from '../networks/inverter.js';
import { styleLayout, type Stylegan2Config } from '../networks/style-layout.js';
import {
  asBoolean,
  asList,
  asNumber,
  asObject,
  asInteger,
  asOneOf,
  asText,
  optional,
  type JsonObject,
} from './checks.js';
import {
  attributeClassifierConfig,
  clipImageConfig,
  clipTextConfig,
  deltaMapperConfig,
  generatorConfig,
  inverterConfig,
} from './component-checks.js';
import { PackError } from './pack-error.js';

export const packFormat = 'deltaspace-pack';
export const packFormatVersion = 1;

/** Architecture configurations by component name. The two mappers share the generator's style layout. */
export interface ComponentConfigs {
  generator: Stylegan2Config;
  inverter: InverterConfig;
  'clip-image': ClipImageConfig;
  'clip-text': ClipTextConfig;
  mapper: DeltaMapperConfig;
  /** Baseline of the paper's §3.1: conditioned on the absolute target embedding. Optional. */
  'straightforward-mapper': DeltaMapperConfig;
  /** Baseline of the paper's Fig. 19: predicts a change of W+ instead of S. Optional. */
  'wplus-mapper': DeltaMapperConfig;
  /** Scores edits in evaluations; no edit uses it. Optional. */
  'attribute-classifier': AttributeClassifierConfig;
}
export type ComponentName = keyof ComponentConfigs;
export type OptionalComponent = 'straightforward-mapper' | 'wplus-mapper' | 'attribute-classifier';
export type RequiredComponent = Exclude<ComponentName, OptionalComponent>;

/** One component: its configuration and its weights file inside the pack. */
export interface Component<Config> {
  readonly config: Config;
  readonly weights: string;
}
export type Components = { readonly [Name in RequiredComponent]: Component<ComponentConfigs[Name]> } & {
  readonly [Name in OptionalComponent]?: Component<ComponentConfigs[Name]>;
};

/** Something a layer can show in several ways, with a phrase for each: what `--source auto` reads layers and texts with. */
export interface PackAttribute {
  readonly name: string;
  readonly values: readonly { readonly value: string; readonly phrase: string }[];
  /** It can be seen only where another attribute has one of these values: the colour of a hat needs a hat. */
  readonly needs?: { readonly attribute: string; readonly values: readonly string[] };
}

/** A file of the pack, as it must be found. */
export interface PackFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

export interface PackManifest {
  readonly format: typeof packFormat;
  readonly formatVersion: typeof packFormatVersion;
  readonly id: string;
  readonly version: string;
  /** What the pack edits, as a noun ("face"); also the source text when none is given. */
  readonly domain: string;
  /** Side of the square image the networks work at, in pixels. */
  readonly resolution: number;
  readonly components: Components;
  readonly text: {
    /** JSON file `{"words": [...]}`; word i has token id i + 1, id 0 is padding. */
    readonly vocabulary: string;
    /** Prompt templates with `{}` for the text; features are averaged over them. */
    readonly templates: readonly string[];
    /** Absent: the pack cannot write source texts by itself. */
    readonly attributes?: readonly PackAttribute[];
  };
  /** safetensors file with the tensors of `PackStatistics`. */
  readonly statistics: string;
  readonly defaults: {
    readonly strength: number;
    readonly threshold: number;
    /** Whether edited style channels are kept inside their usual range (`styleLow`, `styleHigh`); no by default. */
    readonly clampStyles?: boolean;
    /** Where a source text comes from when none is given; `domain` by default. `auto` needs `text.attributes`. */
    readonly source?: 'auto' | 'domain';
    /** α and β of StyleCLIP's global directions; 3 and 0.1 by default. */
    readonly styleclip?: { readonly strength: number; readonly threshold: number };
    /** ρ of the W+ baseline; the pack's strength by default. */
    readonly wplusStrength?: number;
  };
  readonly licence: string;
  /** Recipe, seeds, steps, metrics: free-form, for people and reports. */
  readonly provenance: JsonObject;
  readonly files: readonly PackFile[];
}

/** Largest pack.json that is read, in bytes. */
export const maxManifestBytes = 2 ** 20;
const maxFileBytes = 8 * 2 ** 30;
const safePath = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;
const identifier = /^[a-z0-9][a-z0-9.-]{0,62}$/;

/** Checks parsed JSON against the manifest schema. Throws PackError `pack_damaged`, naming the offending entry. */
export function checkManifest(json: unknown): PackManifest {
  const root = asObject(json, 'the file');
  if (root['format'] !== packFormat) throw new PackError('pack_damaged', `pack.json: format is not ${packFormat}`);
  if (root['formatVersion'] !== packFormatVersion) {
    throw new PackError('pack_damaged', `pack.json: format version ${String(root['formatVersion'])} is not supported`);
  }
  const text = asObject(root['text'], 'text');
  const defaults = asObject(root['defaults'], 'defaults');
  const manifest: PackManifest = {
    format: packFormat,
    formatVersion: packFormatVersion,
    id: asText(root['id'], 'id', identifier),
    version: asText(root['version'], 'version', /^\d+\.\d+\.\d+/),
    domain: asText(root['domain'], 'domain', /\S/),
    resolution: asInteger(root['resolution'], 'resolution', 8, 2048),
    components: checkComponents(asObject(root['components'], 'components')),
    text: {
      vocabulary: asText(text['vocabulary'], 'text.vocabulary', safePath),
      templates: asList(text['templates'], 'text.templates', 200, (entry, path) => asText(entry, path, /\{\}/)),
      ...(text['attributes'] === undefined ? {} : { attributes: checkAttributes(text['attributes']) }),
    },
    statistics: asText(root['statistics'], 'statistics', safePath),
    defaults: checkDefaults(defaults),
    licence: asText(root['licence'], 'licence'),
    provenance: asObject(root['provenance'], 'provenance'),
    files: asList(root['files'], 'files', 200, checkFile),
  };
  checkAgreement(manifest);
  return manifest;
}

function checkDefaults(defaults: JsonObject): PackManifest['defaults'] {
  const known = <Name extends string, Value>(name: Name, check: (value: unknown) => Value) =>
    defaults[name] === undefined ? {} : ({ [name]: check(defaults[name]) } as { [Key in Name]?: Value });
  return {
    strength: asNumber(defaults['strength'], 'defaults.strength', -10, 10),
    threshold: asNumber(defaults['threshold'], 'defaults.threshold', 0, 1),
    ...known('clampStyles', (value) => asBoolean(value, 'defaults.clampStyles')),
    ...known('source', (value) => asOneOf(value, 'defaults.source', ['auto', 'domain'])),
    ...known('styleclip', (value) => {
      const numbers = asObject(value, 'defaults.styleclip');
      return {
        strength: asNumber(numbers['strength'], 'defaults.styleclip.strength', -100, 100),
        threshold: asNumber(numbers['threshold'], 'defaults.styleclip.threshold', 0, 100),
      };
    }),
    ...known('wplusStrength', (value) => asNumber(value, 'defaults.wplusStrength', -10, 10)),
  };
}

function checkAttributes(list: unknown): PackAttribute[] {
  const word = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;
  return asList(list, 'text.attributes', 200, (entry, path) => {
    const attribute = asObject(entry, path);
    const needs = optional(attribute['needs'], `${path}.needs`, () => {
      const { attribute: name, values } = asObject(attribute['needs'], `${path}.needs`);
      return {
        attribute: asText(name, `${path}.needs.attribute`, word),
        values: asList(values, `${path}.needs.values`, 200, (value, at) => asText(value, at, word)),
      };
    });
    return {
      name: asText(attribute['name'], `${path}.name`, word),
      values: asList(attribute['values'], `${path}.values`, 200, (value, at) => {
        const pair = asObject(value, at);
        return {
          value: asText(pair['value'], `${at}.value`, word),
          phrase: asText(pair['phrase'], `${at}.phrase`, /\S/),
        };
      }),
      ...(needs === undefined ? {} : { needs }),
    };
  });
}

function checkComponents(components: JsonObject): Components {
  const component = <Config>(
    name: ComponentName,
    check: (config: JsonObject, path: string) => Config,
  ): Component<Config> => {
    const entry = asObject(components[name], `components.${name}`);
    const config = asObject(entry['config'], `components.${name}.config`);
    return {
      config: check(config, `components.${name}.config`),
      weights: asText(entry['weights'], `components.${name}.weights`, safePath),
    };
  };
  const baseline = optional(components['straightforward-mapper'], 'components.straightforward-mapper', () =>
    component('straightforward-mapper', deltaMapperConfig),
  );
  const wPlus = optional(components['wplus-mapper'], 'components.wplus-mapper', () =>
    component('wplus-mapper', deltaMapperConfig),
  );
  const classifier = optional(components['attribute-classifier'], 'components.attribute-classifier', () =>
    component('attribute-classifier', attributeClassifierConfig),
  );
  return {
    generator: component('generator', generatorConfig),
    inverter: component('inverter', inverterConfig),
    'clip-image': component('clip-image', clipImageConfig),
    'clip-text': component('clip-text', clipTextConfig),
    mapper: component('mapper', deltaMapperConfig),
    ...(baseline === undefined ? {} : { 'straightforward-mapper': baseline }),
    ...(wPlus === undefined ? {} : { 'wplus-mapper': wPlus }),
    ...(classifier === undefined ? {} : { 'attribute-classifier': classifier }),
  };
}

function checkFile(value: unknown, path: string): PackFile {
  const file = asObject(value, path);
  return {
    path: asText(file['path'], `${path}.path`, safePath),
    sizeBytes: asInteger(file['sizeBytes'], `${path}.sizeBytes`, 0, maxFileBytes),
    sha256: asText(file['sha256'], `${path}.sha256`, /^[0-9a-f]{64}$/),
  };
}

/** Components must fit each other, and every file that is referred to must be listed once. */
function checkAgreement(manifest: PackManifest): void {
  const { components, resolution } = manifest;
  const image = components['clip-image'].config;
  const text = components['clip-text'].config;
  const inverter = components.inverter.config;
  const generator = components.generator.config;
  const mappers = [
    components.mapper,
    ...(components['straightforward-mapper'] ? [components['straightforward-mapper']] : []),
    ...(components['wplus-mapper'] ? [components['wplus-mapper']] : []),
  ];
  const attributes = new Map((manifest.text.attributes ?? []).map((attribute) => [attribute.name, attribute]));
  const carried = ({ needs }: PackAttribute): boolean =>
    needs === undefined ||
    needs.values.every((value) => attributes.get(needs.attribute)?.values.some((known) => known.value === value));
  const distinct = ({ values }: PackAttribute): boolean =>
    new Set(values.map(({ value }) => value)).size === values.length;
  const rules: [boolean, string][] = [
    [
      [image.resolution, inverter.resolution, generator.size].every((side) => side === resolution),
      'networks work at different resolutions',
    ],
    [image.embedDim === text.embedDim, 'the two CLIP towers have different widths'],
    [
      mappers.every(({ config }) => config.conditionWidth === 2 * image.embedDim),
      'a mapper does not fit the CLIP width',
    ],
    [inverter.styleDim === generator.styleDim, 'inverter and generator have different style widths'],
    [inverter.rows === styleLayout(generator).rows, 'inverter and generator have different numbers of W+ rows'],
    [attributes.size === (manifest.text.attributes ?? []).length, 'an attribute is listed twice'],
    [[...attributes.values()].every(distinct), 'an attribute lists a value twice'],
    [[...attributes.values()].every(carried), 'an attribute needs one that is not listed'],
    [manifest.defaults.source !== 'auto' || attributes.size > 0, 'defaults.source auto needs text.attributes'],
    [new Set(manifest.files.map(({ path }) => path)).size === manifest.files.length, 'a file is listed twice'],
  ];
  for (const [holds, complaint] of rules) if (!holds) throw new PackError('pack_damaged', `pack.json: ${complaint}`);
  for (const path of referencedFiles(manifest)) {
    if (!manifest.files.some((file) => file.path === path))
      throw new PackError('pack_damaged', `pack.json: file ${path} is not listed`);
  }
}

/** Paths of all files that the manifest refers to. */
export function referencedFiles({ components, text, statistics }: PackManifest): string[] {
  return [...Object.values(components).map(({ weights }) => weights), text.vocabulary, statistics];
}
