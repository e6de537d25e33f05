/** Checks of the architecture configurations inside pack.json, one function per component. */
import type { AttributeClassifierConfig } from '../networks/attribute-classifier.js';
import type { ClipImageConfig, ClipTextConfig } from '../networks/clip.js';
import type { DeltaMapperConfig } from '../networks/delta-mapper.js';
import type { InverterConfig } from '../networks/inverter.js';
import { styleLayout, type Stylegan2Config } from '../networks/style-layout.js';
import { asBoolean, asInteger, asList, asObject, asOneOf, asText, type JsonObject } from './checks.js';
import { PackError } from './pack-error.js';

const maxWidth = 16_384;

export function generatorConfig(json: JsonObject, path: string): Stylegan2Config {
  const channels = Object.entries(asObject(json['channels'], `${path}.channels`)).map(([side, count]) => [
    side,
    asInteger(count, `${path}.channels.${side}`, 1, 8192),
  ]);
  const config: Stylegan2Config = {
    size: asInteger(json['size'], `${path}.size`, 8, 2048),
    styleDim: asInteger(json['styleDim'], `${path}.styleDim`, 1, 8192),
    channels: Object.fromEntries(channels) as Record<string, number>,
    mappingLayers: asInteger(json['mappingLayers'] ?? 0, `${path}.mappingLayers`, 0, 64),
    upsampling: asOneOf(json['upsampling'], `${path}.upsampling`, ['transposed-fir', 'convolve-then-nearest']),
    noise: asBoolean(json['noise'], `${path}.noise`),
    demodulate: asBoolean(json['demodulate'], `${path}.demodulate`),
    colourStyles: asOneOf(json['colourStyles'], `${path}.colourStyles`, ['separate', 'in-style-code']),
  };
  try {
    styleLayout(config);
  } catch (cause) {
    throw new PackError('pack_damaged', `pack.json: ${path}: ${(cause as Error).message}`, { cause });
  }
  return config;
}

/** Side of the squares that an image is averaged over before a network sees it; absent: 1. */
function poolingOf(json: JsonObject, path: string): { pooling?: number } {
  const pooling = json['pooling'];
  return pooling === undefined ? {} : { pooling: asInteger(pooling, `${path}.pooling`, 1, 64) };
}

export function inverterConfig(json: JsonObject, path: string): InverterConfig {
  const stage = (entry: unknown, at: string): number[] =>
    asList(entry, at, 16, (channels, where) => asInteger(channels, where, 1, maxWidth));
  return {
    resolution: asInteger(json['resolution'], `${path}.resolution`, 8, 2048),
    ...poolingOf(json, path),
    styleDim: asInteger(json['styleDim'], `${path}.styleDim`, 1, 8192),
    rows: asInteger(json['rows'], `${path}.rows`, 2, 64),
    stages: asList(json['stages'], `${path}.stages`, 16, stage),
    hidden: asInteger(json['hidden'], `${path}.hidden`, 1, maxWidth),
  };
}

export function clipImageConfig(json: JsonObject, path: string): ClipImageConfig {
  return {
    resolution: asInteger(json['resolution'], `${path}.resolution`, 8, 2048),
    ...poolingOf(json, path),
    layers: asList(json['layers'], `${path}.layers`, 32, (entry, at) => {
      const layer = asObject(entry, at);
      return {
        channels: asInteger(layer['channels'], `${at}.channels`, 1, maxWidth),
        stride: asInteger(layer['stride'], `${at}.stride`, 1, 2) as 1 | 2,
      };
    }),
    hidden: asInteger(json['hidden'], `${path}.hidden`, 1, maxWidth),
    embedDim: asInteger(json['embedDim'], `${path}.embedDim`, 1, maxWidth),
  };
}

export function clipTextConfig(json: JsonObject, path: string): ClipTextConfig {
  const integer = (name: string, most: number): number => asInteger(json[name], `${path}.${name}`, 1, most);
  return {
    vocabularySize: integer('vocabularySize', 1_000_000),
    wordDim: integer('wordDim', 4096),
    contextLength: integer('contextLength', 512),
    width: integer('width', maxWidth),
    blocks: asInteger(json['blocks'], `${path}.blocks`, 0, 32),
    heads: integer('heads', 64),
    hidden: integer('hidden', maxWidth),
    embedDim: integer('embedDim', maxWidth),
  };
}

export function deltaMapperConfig(json: JsonObject, path: string): DeltaMapperConfig {
  return {
    conditionWidth: asInteger(json['conditionWidth'], `${path}.conditionWidth`, 1, maxWidth),
    hidden: json['hidden'] === null ? null : asInteger(json['hidden'], `${path}.hidden`, 1, maxWidth),
    output: asOneOf(json['output'], `${path}.output`, ['leaky', 'linear']),
    standardize: asBoolean(json['standardize'], `${path}.standardize`),
    shareLayers: asBoolean(json['shareLayers'], `${path}.shareLayers`),
    weights: asOneOf(json['weights'], `${path}.weights`, ['folded', 'equalised']),
  };
}

export function attributeClassifierConfig(json: JsonObject, path: string): AttributeClassifierConfig {
  const channels = asList(json['channels'], `${path}.channels`, 4, (count, at) => asInteger(count, at, 1, maxWidth));
  if (channels.length !== 4) throw new PackError('pack_damaged', `pack.json: ${path}.channels needs four entries`);
  return {
    resolution: asInteger(json['resolution'], `${path}.resolution`, 8, 2048),
    ...poolingOf(json, path),
    channels: channels as [number, number, number, number],
    hidden: asInteger(json['hidden'], `${path}.hidden`, 1, maxWidth),
    heads: asList(json['heads'], `${path}.heads`, 64, (entry, at) => {
      const head = asObject(entry, at);
      return {
        name: asText(head['name'], `${at}.name`, /^[A-Za-z][A-Za-z0-9-]*$/),
        values: asInteger(head['values'], `${at}.values`, 2, 1000),
      };
    }),
  };
}
