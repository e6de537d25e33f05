/**
 * `deltaspace interpolate`: the frames between two texts for one image, or between two images, as numbered PNG files.
 */
import path from 'node:path';
import type { DeltaClient, InterpolateResult } from '@deltaspace/shared-protocol';
import type { Console } from '../console.js';
import { withDaemon } from '../daemon-connection.js';
import { usageError } from '../failure.js';
import { pathKind, readInput, shortPath, writeOutput } from '../files.js';
import { keepInputs } from '../keep-inputs.js';
import { sourceOf } from '../source-flag.js';

export interface InterpolateCommand {
  readonly input: string;
  readonly other?: string;
  readonly from?: string;
  readonly to?: string;
  readonly source?: string;
  readonly strength?: number;
  readonly threshold?: number;
  readonly steps: number;
  readonly pack?: string;
  /** Folder. */
  readonly output: string;
  readonly dataRoot: string;
}

export async function runInterpolate(
  command: InterpolateCommand,
  console: Console,
  signal: AbortSignal,
): Promise<void> {
  checkUsage(command);
  const image = await readInput(command.input, 'image_empty');
  const other = command.other === undefined ? undefined : await readInput(command.other, 'image_empty');
  const { pack, files, unknownWords, timingsMs } = await withDaemon(
    command.dataRoot,
    async (client) => {
      const result = await request(client, command, { image, other }, console, signal);
      return { ...result, files: await writeFrames(client, result, command.output, signal) };
    },
    signal,
  );
  console.result(
    {
      input: command.input,
      ...(command.other === undefined ? { from: command.from, to: command.to } : { other: command.other }),
      pack,
      frames: files,
      unknownWords,
      timingsMs,
    },
    [
      ...files.map(({ file, weight }) => `${file} (${Math.round(100 * weight)} %)`),
      ...(unknownWords.length === 0 ? [] : [`  warning: this pack does not know ${unknownWords.join(', ')}`]),
    ],
  );
}

/** Two texts, or a second image: exactly one of the two. */
function checkUsage({ input, other, from, to, source, strength, threshold, steps, output }: InterpolateCommand): void {
  if (other === undefined && (from === undefined || to === undefined))
    throw usageError('say --from TEXT and --to TEXT, or give a second image');
  const textFlags = {
    '--from': from,
    '--to': to,
    '--source': source,
    '--strength': strength,
    '--threshold': threshold,
  };
  const given = Object.entries(textFlags).filter(([, value]) => value !== undefined);
  if (other !== undefined && given.length > 0)
    throw usageError(`between two images there are no texts; leave out ${given.map(([flag]) => flag).join(', ')}`);
  if (pathKind(output) === 'file') throw usageError(`-o ${output}: frames go to a folder, and this is a file`);
  keepInputs(
    other === undefined ? [input] : [input, other],
    Array.from({ length: steps }, (_, i) => frameFile(output, i)),
  );
}

async function request(
  client: DeltaClient,
  command: InterpolateCommand,
  bytes: { image: Uint8Array; other: Uint8Array | undefined },
  console: Console,
  signal: AbortSignal,
): Promise<InterpolateResult> {
  const { from, to, source, strength, threshold, steps, pack } = command;
  const upload = async (file: Uint8Array) =>
    ({ encoding: 'file', digest: await client.upload(file, { signal }) }) as const;
  const image = await upload(bytes.image);
  const ends =
    bytes.other === undefined
      ? {
          texts: {
            from: from ?? '',
            to: to ?? '',
            ...(source === undefined ? {} : { source: sourceOf(source) }),
            ...(strength === undefined ? {} : { strength }),
            ...(threshold === undefined ? {} : { threshold }),
          },
        }
      : { other: await upload(bytes.other) };
  return client.call(
    'interpolate',
    { image, steps, ...ends, ...(pack === undefined ? {} : { pack }) },
    { signal, onProgress: ({ stage, fraction }) => console.progress(`${command.input}: ${stage}`, fraction) },
  );
}

/** Absolute path of a frame, counted from 0. */
function frameFile(folder: string, index: number): string {
  return path.resolve(folder, `frame-${String(index).padStart(2, '0')}.png`);
}

async function writeFrames(
  client: DeltaClient,
  { frames }: InterpolateResult,
  folder: string,
  signal: AbortSignal,
): Promise<{ file: string; weight: number }[]> {
  const written: { file: string; weight: number }[] = [];
  for (const [index, { weight, image }] of frames.entries()) {
    const file = frameFile(folder, index);
    await writeOutput(file, await client.download(image.digest, { signal }));
    written.push({ file: shortPath(file), weight });
  }
  return written;
}
