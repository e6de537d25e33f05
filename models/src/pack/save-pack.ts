/**
 * Writing a pack folder: weights (half precision by default), statistics, vocabulary, and last the manifest, so that a folder
 * with a pack.json is always complete.
 */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Tensor } from '@deltaspace/onnx-graph';
import { float32ToFloat16 } from '../formats/float16.js';
import { writeSafetensors } from '../formats/safetensors.js';
import { sha256 } from './load-pack.js';
import {
  checkManifest,
  packFormat,
  packFormatVersion,
  type ComponentConfigs,
  type ComponentName,
  type OptionalComponent,
  type PackAttribute,
  type PackFile,
  type PackManifest,
  type RequiredComponent,
} from './manifest.js';
import { tensorsFromStatistics, type PackStatistics } from './statistics.js';

/** A component to store: its configuration and float32 weights by parameter name. */
export interface ComponentContents<Config> {
  config: Config;
  weights: ReadonlyMap<string, Tensor>;
}

/** Everything a pack holds, in memory. */
export interface PackContents extends Pick<
  PackManifest,
  'id' | 'version' | 'domain' | 'resolution' | 'defaults' | 'licence' | 'provenance'
> {
  components: { [Name in RequiredComponent]: ComponentContents<ComponentConfigs[Name]> } & {
    [Name in OptionalComponent]?: ComponentContents<ComponentConfigs[Name]>;
  };
  statistics: PackStatistics;
  words: readonly string[];
  templates: readonly string[];
  attributes?: readonly PackAttribute[];
  /** Components whose weights stay float32; all others are stored in half precision. */
  fullPrecision?: readonly ComponentName[];
}

/** Writes the pack and returns its manifest. Throws PackError when the contents would not load again. */
export async function savePack(directory: string, contents: PackContents): Promise<PackManifest> {
  await mkdir(directory, { recursive: true });
  const files: PackFile[] = [];
  const store = async (name: string, bytes: Uint8Array): Promise<string> => {
    await writeFile(path.join(directory, name), bytes);
    files.push({ path: name, sizeBytes: bytes.byteLength, sha256: sha256(bytes) });
    return name;
  };
  const components: Record<string, unknown> = {};
  for (const [name, { config, weights }] of Object.entries(contents.components)) {
    const full = contents.fullPrecision?.includes(name as ComponentName) ?? false;
    const bytes = writeSafetensors(full ? weights : halved(weights), new Map([['component', name]]));
    components[name] = { config, weights: await store(`${name}.safetensors`, bytes) };
  }
  const { id, version, domain, resolution, defaults, licence, provenance, templates } = contents;
  const manifest = checkManifest({
    ...{ format: packFormat, formatVersion: packFormatVersion, id, version, domain, resolution, components },
    text: {
      vocabulary: await store('vocabulary.json', json({ words: contents.words })),
      templates,
      ...(contents.attributes === undefined ? {} : { attributes: contents.attributes }),
    },
    statistics: await store('statistics.safetensors', writeSafetensors(tensorsFromStatistics(contents.statistics))),
    ...{ defaults, licence, provenance, files },
  });
  const draft = path.join(directory, 'pack.json.tmp');
  await writeFile(draft, json(manifest, 2));
  await rename(draft, path.join(directory, 'pack.json'));
  return manifest;
}

function halved(weights: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  return new Map(
    [...weights].map(([name, tensor]) => {
      if (!(tensor.data instanceof Float32Array))
        throw new Error(`weight ${name} is ${tensor.dtype}, expected float32`);
      return [name, { dtype: 'float16', shape: tensor.shape, data: float32ToFloat16(tensor.data) }];
    }),
  );
}

function json(value: unknown, indent?: number): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, indent)}\n`);
}
