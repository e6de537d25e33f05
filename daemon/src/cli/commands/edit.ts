/**
 * `deltaspace edit`: files in, edited files out, through the daemon.
 */
import path from 'node:path';
import {
  ProtocolError,
  type DeltaClient,
  type EditMethod,
  type EditResult,
  type Region,
} from '@deltaspace/shared-protocol';
import type { Console } from '../console.js';
import { withDaemon } from '../daemon-connection.js';
import { usageError } from '../failure.js';
import { pathKind, readInput, shortPath, writeOutput } from '../files.js';
import { keepInputs } from '../keep-inputs.js';
import { planOutputs, type PlannedOutput } from '../output-paths.js';
import { sourceOf } from '../source-flag.js';
import { regionOfSubject } from './subjects.js';

export interface EditCommand {
  readonly inputs: readonly string[];
  /** Empty when the change is given by two pictures. */
  readonly targets: readonly string[];
  readonly fromImage?: string;
  readonly toImage?: string;
  readonly source?: string;
  readonly strength?: number;
  readonly threshold?: number;
  readonly topChannels?: number;
  readonly pack?: string;
  readonly method?: EditMethod;
  readonly output?: string;
  readonly heatmap?: string;
  /** A part of each image, or the number of a subject in it, from 1. */
  readonly region?: Region;
  readonly subject?: number;
  readonly dataRoot: string;
}

/** What `--json` prints for one input. Files as given or made, relative ones relative to the current folder. */
interface EditReport {
  readonly input: string;
  readonly pack: string;
  readonly outputs: readonly OutputReport[];
  readonly timingsMs: Readonly<Record<string, number>>;
}

interface OutputReport extends Omit<EditResult['outputs'][number], 'image' | 'heatmap'> {
  readonly file: string;
  readonly heatmap?: string;
}

export async function runEdit(command: EditCommand, console: Console, signal: AbortSignal): Promise<void> {
  const pair = pairOf(command);
  const labels = pair === undefined ? command.targets : [`${stem(pair.from)} to ${stem(pair.to)}`];
  const planned = planOutputs({ ...command, targets: labels }, pathKind);
  if (pair !== undefined)
    keepInputs(
      [pair.from, pair.to],
      planned.flatMap(({ file, heatmap = file }) => [file, heatmap]),
    );
  const references =
    pair === undefined
      ? undefined
      : { from: await readInput(pair.from, 'image_empty'), to: await readInput(pair.to, 'image_empty') };
  const images = new Map<string, Uint8Array>();
  for (const input of command.inputs) images.set(input, await readInput(input, 'image_empty'));
  const reports = await withDaemon(
    command.dataRoot,
    async (client) => {
      const done: EditReport[] = [];
      for (const [input, bytes] of images) {
        const outputs = planned.filter((output) => output.input === input);
        const job = { input, bytes, outputs, references };
        done.push(
          await editOne(client, command, job, console, signal).catch((error: unknown) => namingInput(error, input)),
        );
      }
      return done;
    },
    signal,
  );
  const [only] = reports;
  const value = reports.length === 1 && only !== undefined ? only : { edits: reports };
  console.result(value, reports.flatMap(describeEdit));
}

const stem = (file: string): string => path.parse(file).name;

/** The two pictures that give the change, if that is how it is given. Throws on wrong usage. */
function pairOf(command: EditCommand): { from: string; to: string } | undefined {
  const { targets, fromImage: from, toImage: to, source, threshold, topChannels } = command;
  if (threshold !== undefined && topChannels !== undefined)
    throw usageError('--threshold and --top-channels both choose the channels; say one of them');
  if (command.region !== undefined && command.subject !== undefined)
    throw usageError('--region and --subject both say where; say one of them');
  if (from === undefined && to === undefined) {
    if (targets.length === 0) throw usageError('say --target TEXT, or --from-image FILE and --to-image FILE');
    return undefined;
  }
  if (from === undefined || to === undefined) throw usageError('--from-image and --to-image come together');
  if (targets.length > 0 || source !== undefined)
    throw usageError('two pictures give the change already; leave out --target and --source');
  return { from, to };
}

/** Says which of several inputs an error is about. */
function namingInput(error: unknown, input: string): never {
  if (error instanceof ProtocolError)
    throw new ProtocolError(error.code, `${input}: ${error.message}`, { cause: error });
  throw error;
}

interface EditJob {
  readonly input: string;
  readonly bytes: Uint8Array;
  readonly outputs: readonly PlannedOutput[];
  readonly references: { readonly from: Uint8Array; readonly to: Uint8Array } | undefined;
}

async function editOne(
  client: DeltaClient,
  command: EditCommand,
  job: EditJob,
  console: Console,
  signal: AbortSignal,
): Promise<EditReport> {
  const startedMs = performance.now();
  const { subject } = command;
  const region = subject === undefined ? command.region : await regionOfSubject(client, job.bytes, subject, signal);
  const result = await client.call(
    'edit',
    { ...(await uploaded(client, job, signal)), ...settingsOf(command), ...(region === undefined ? {} : { region }) },
    { signal, onProgress: ({ stage, fraction }) => console.progress(`${job.input}: ${stage}`, fraction) },
  );
  const outputs: OutputReport[] = [];
  for (const [index, { image, heatmap, ...facts }] of result.outputs.entries()) {
    const { file, heatmap: heatmapFile } = job.outputs[index] as PlannedOutput;
    await writeOutput(file, await client.download(image.digest, { signal }));
    if (heatmap !== undefined && heatmapFile !== undefined) {
      await writeOutput(heatmapFile, await withLegend(await client.download(heatmap.digest, { signal })));
    }
    const heatmapName = heatmapFile === undefined ? {} : { heatmap: shortPath(heatmapFile) };
    outputs.push({ ...facts, file: shortPath(file), ...heatmapName });
  }
  const total = Math.round((performance.now() - startedMs) * 100) / 100;
  return { input: job.input, pack: result.pack, outputs, timingsMs: { ...result.timingsMs, total } };
}

/** A heat map as people look at it: its scale below. Clients of the protocol get the bare one, which fits the layer. */
async function withLegend(file: Uint8Array): Promise<Uint8Array> {
  const { decodeImage, encodePng, heatmapWithLegend } = await import('../../imaging/index.js'); // slow to load
  return encodePng(heatmapWithLegend(await decodeImage(file)));
}

/** The images of a request, sent to the daemon unless it holds them. */
async function uploaded(client: DeltaClient, { bytes, references }: EditJob, signal: AbortSignal) {
  const upload = async (file: Uint8Array) =>
    ({ encoding: 'file', digest: await client.upload(file, { signal }) }) as const;
  const image = await upload(bytes);
  if (references === undefined) return { image };
  return { image, pair: { from: await upload(references.from), to: await upload(references.to) } };
}

/** What a request says besides its images. */
function settingsOf(command: EditCommand) {
  const { targets, source, strength, threshold, topChannels, pack, method, heatmap } = command;
  return {
    ...(targets.length === 0 ? {} : { targets: [...targets] }),
    ...(source === undefined ? {} : { source: sourceOf(source) }),
    ...(strength === undefined ? {} : { strength }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(topChannels === undefined ? {} : { topChannels }),
    ...(pack === undefined ? {} : { pack }),
    ...(method === undefined ? {} : { method }),
    ...(heatmap === undefined ? {} : { heatmap: true }),
  };
}

function describeEdit(report: EditReport): string[] {
  const lines = report.outputs.flatMap((output) => {
    const settings = `pack ${report.pack}, strength ${format(output.strength)}, threshold ${format(output.threshold)}`;
    const change = output.target === undefined ? 'image pair' : `"${output.source ?? ''}" → "${output.target}"`;
    return [
      `${report.input} → ${output.file}`,
      `  ${change} (${settings})`,
      `  ${output.channelsKept} style channels kept, reach ${format(output.reach)}, moved ${format(output.alignment)} of 1 that way`,
      ...(output.heatmap === undefined ? [] : [`  heat map: ${output.heatmap}`]),
      ...output.warnings.map(({ message }) => `  warning: ${message}`),
    ];
  });
  return [...lines, `done in ${format((report.timingsMs['total'] ?? 0) / 1000)} s`];
}

function format(value: number): string {
  return String(Number(value.toPrecision(3)));
}
