/**
 * `deltaspace models`: what is installed, whether it is sound, and running one network on tensors from files.
 */
import path from 'node:path';
import type { CheckedPack } from '@deltaspace/shared-protocol';
import { describeDataDirectory } from '../../config/data-directory.js';
import { verifyPacks } from '../../packs/verify-packs.js';
import type { Console } from '../console.js';
import { withDaemon } from '../daemon-connection.js';
import { exitCodes, usageError } from '../failure.js';
import { readInput, writeOutput } from '../files.js';

export async function runModelsList(dataRoot: string, console: Console): Promise<void> {
  const { models, damaged } = await withDaemon(dataRoot, (client) => client.call('models.list', {}));
  const lines = models.map(
    ({ id, version, domain, resolution, networks }) =>
      `${id} ${version}: ${domain}, ${resolution} × ${resolution}; networks ${networks.join(', ')}`,
  );
  const problems = damaged.map(({ folder, reason }) => `${folder}: damaged, not loaded: ${reason}`);
  const nothing = models.length + damaged.length === 0 ? ['no pack is installed'] : [];
  console.result({ models, damaged }, [...lines, ...problems, ...nothing]);
}

export interface ModelsRunCommand {
  readonly pack: string;
  readonly network: string;
  /** `NAME=FILE.npy`, as typed. */
  readonly inputs: readonly string[];
  readonly output: string;
  readonly dataRoot: string;
}

export async function runModelsRun(command: ModelsRunCommand, console: Console, signal: AbortSignal): Promise<void> {
  const files = parseInputs(command.inputs);
  const contents = new Map<string, Uint8Array>();
  for (const [name, file] of files) contents.set(name, await readInput(file, 'tensor_invalid'));
  const { written, timingsMs } = await withDaemon(
    command.dataRoot,
    async (client) => {
      const inputs: Record<string, string> = {};
      for (const [name, bytes] of contents) inputs[name] = await client.upload(bytes, { signal });
      const result = await client.call(
        'models.run',
        { pack: command.pack, network: command.network, inputs },
        { signal },
      );
      const outputs: Record<string, { file: string; dtype: string; shape: number[] }> = {};
      for (const [name, { digest, dtype, shape }] of Object.entries(result.outputs)) {
        const file = path.join(command.output, `${name.replaceAll('/', '_')}.npy`);
        await writeOutput(file, await client.download(digest, { signal }));
        outputs[name] = { file, dtype, shape };
      }
      return { written: outputs, timingsMs: result.timingsMs };
    },
    signal,
  );
  const lines = Object.entries(written).map(([name, { file, dtype, shape }]) => {
    return `${name}: ${dtype} [${shape.join(', ')}] → ${file}`;
  });
  console.result({ pack: command.pack, network: command.network, outputs: written, timingsMs }, lines);
}

function parseInputs(texts: readonly string[]): Map<string, string> {
  const files = new Map<string, string>();
  for (const text of texts) {
    const separator = text.indexOf('=');
    const name = text.slice(0, separator);
    const file = text.slice(separator + 1);
    if (separator < 1 || file === '') throw usageError(`--input ${text}: expected NAME=FILE.npy`);
    if (files.has(name)) throw usageError(`--input ${name} is given twice`);
    files.set(name, file);
  }
  return files;
}

/** Files against the manifests of their packs. Needs no daemon. Exit code 1 when one is damaged. */
export async function runModelsVerify(
  pack: string | undefined,
  dataRoot: string,
  console: Console,
  signal: AbortSignal,
): Promise<number> {
  const packs = await verifyPacks({
    packsDirectory: describeDataDirectory(dataRoot).packs,
    ...(pack === undefined ? {} : { pack }),
    signal,
    onProgress: (folder, fraction) => console.progress(folder, fraction),
  });
  const nothing = packs.length === 0 ? ['no pack is installed'] : [];
  console.result({ packs }, [...packs.flatMap(describeCheckedPack), ...nothing]);
  return packs.every(({ sound }) => sound) ? exitCodes.done : exitCodes.failed;
}

function describeCheckedPack({ folder, pack, version, sound, reason, files }: CheckedPack): string[] {
  const name = pack === undefined ? folder : `${pack} ${version ?? ''}`;
  const megabytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 1e6;
  if (sound) return [`${name}: sound; ${files.length} files, ${megabytes.toFixed(1)} MB`];
  const faults = files.filter(({ verdict }) => verdict !== 'sound');
  return [
    `${name}: damaged${reason === undefined ? '' : `: ${reason}`}`,
    ...faults.map((file) => `  ${file.path}: ${file.reason ?? file.verdict}`),
  ];
}
