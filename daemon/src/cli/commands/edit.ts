/**
 * `deltaspace edit`: files in, edited files out, through the daemon.
 */
import path from 'node:path';
import { ProtocolError, type DeltaClient, type EditResult } from '@deltaspace/shared-protocol';
import type { Console } from '../console.js';
import { withDaemon } from '../daemon-connection.js';
import { pathKind, readInput, writeOutput } from '../files.js';
import { planOutputs, type PlannedOutput } from '../output-paths.js';

export interface EditCommand {
  readonly inputs: readonly string[];
  readonly targets: readonly string[];
  readonly source?: string;
  readonly strength?: number;
  readonly threshold?: number;
  readonly pack?: string;
  readonly method?: 'deltaedit' | 'straightforward';
  readonly output?: string;
  readonly heatmap?: string;
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
  const planned = planOutputs(command, pathKind);
  const images = new Map<string, Uint8Array>();
  for (const input of command.inputs) images.set(input, await readInput(input, 'image_empty'));
  const reports = await withDaemon(
    command.dataRoot,
    async (client) => {
      const done: EditReport[] = [];
      for (const [input, bytes] of images) {
        const outputs = planned.filter((output) => output.input === input);
        const job = { input, bytes, outputs };
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

/** Says which of several inputs an error is about. */
function namingInput(error: unknown, input: string): never {
  if (error instanceof ProtocolError)
    throw new ProtocolError(error.code, `${input}: ${error.message}`, { cause: error });
  throw error;
}

async function editOne(
  client: DeltaClient,
  command: EditCommand,
  job: { input: string; bytes: Uint8Array; outputs: readonly PlannedOutput[] },
  console: Console,
  signal: AbortSignal,
): Promise<EditReport> {
  const startedMs = performance.now();
  const digest = await client.upload(job.bytes, { signal });
  const result = await client.call(
    'edit',
    {
      image: { encoding: 'file', digest },
      targets: [...command.targets],
      ...(command.source === undefined ? {} : { source: command.source }),
      ...(command.strength === undefined ? {} : { strength: command.strength }),
      ...(command.threshold === undefined ? {} : { threshold: command.threshold }),
      ...(command.pack === undefined ? {} : { pack: command.pack }),
      ...(command.method === undefined ? {} : { method: command.method }),
      ...(command.heatmap === undefined ? {} : { heatmap: true }),
    },
    { signal, onProgress: ({ stage, fraction }) => console.progress(`${job.input}: ${stage}`, fraction) },
  );
  const outputs: OutputReport[] = [];
  for (const [index, { image, heatmap, ...facts }] of result.outputs.entries()) {
    const { file, heatmap: heatmapFile } = job.outputs[index] as PlannedOutput;
    await writeOutput(file, await client.download(image.digest, { signal }));
    if (heatmap !== undefined && heatmapFile !== undefined) {
      await writeOutput(heatmapFile, await client.download(heatmap.digest, { signal }));
    }
    const heatmapName = heatmapFile === undefined ? {} : { heatmap: shortPath(heatmapFile) };
    outputs.push({ ...facts, file: shortPath(file), ...heatmapName });
  }
  const total = Math.round((performance.now() - startedMs) * 100) / 100;
  return { input: job.input, pack: result.pack, outputs, timingsMs: { ...result.timingsMs, total } };
}

/** Root mean square change of S, in its standard deviations, below which nobody sees a difference. */
const visibleReach = 0.05;

function describeEdit(report: EditReport): string[] {
  const lines = report.outputs.flatMap((output) => {
    const settings = `pack ${report.pack}, strength ${format(output.strength)}, threshold ${format(output.threshold)}`;
    return [
      `${report.input} → ${output.file}`,
      `  "${output.source}" → "${output.target}" (${settings})`,
      `  ${output.channelsKept} style channels changed, reach ${format(output.reach)}`,
      ...(output.heatmap === undefined ? [] : [`  heat map: ${output.heatmap}`]),
      ...warningsOf(output).map((warning) => `  warning: ${warning}`),
    ];
  });
  return [...lines, `done in ${format((report.timingsMs['total'] ?? 0) / 1000)} s`];
}

function warningsOf(output: OutputReport): string[] {
  const warnings: string[] = [];
  if (output.unknownWords.length > 0) {
    const words = output.unknownWords.map((word) => `"${word}"`).join(', ');
    warnings.push(
      `this pack does not know ${words}; the edit ignores ${output.unknownWords.length === 1 ? 'it' : 'them'}`,
    );
  }
  if (output.channelsKept === 0 || output.reach < visibleReach) {
    warnings.push('the edit hardly reaches anything: say more in --target, lower --threshold or raise --strength');
  }
  return warnings;
}

/** Relative when below the current folder, as people typed it. */
function shortPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative;
}

function format(value: number): string {
  return String(Number(value.toPrecision(3)));
}
