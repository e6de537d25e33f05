/**
 * Where results go: from `-o` and `--heatmap` to one file name per output. Pure but for the question whether a path is
 * a folder, which comes as an argument.
 *
 * One output: `-o` is the file, or a folder when it exists as one or ends with a slash. Several: always a folder.
 * Without `-o`, files go to the current folder under names made of input and target.
 */
import path from 'node:path';
import { usageError } from './failure.js';

export interface PlannedOutput {
  readonly input: string;
  readonly target: string;
  /** Absolute path of the edited picture. */
  readonly file: string;
  /** Absolute path of the heat map, when asked for. */
  readonly heatmap?: string;
}

export interface OutputRequest {
  readonly inputs: readonly string[];
  readonly targets: readonly string[];
  readonly output?: string;
  readonly heatmap?: string;
}

export type PathKind = 'folder' | 'file' | 'nothing';

/** One entry per input and target, inputs outermost. @throws CommandError `usage`. */
export function planOutputs(request: OutputRequest, kindOf: (file: string) => PathKind): PlannedOutput[] {
  const pairs = request.inputs.flatMap((input) => request.targets.map((target) => ({ input, target })));
  const files = nameAll(pairs, '-o', request.output ?? `.${path.sep}`, '', kindOf);
  const heatmaps =
    request.heatmap === undefined ? undefined : nameAll(pairs, '--heatmap', request.heatmap, '-heatmap', kindOf);
  const planned = pairs.map(({ input, target }, index) => {
    const heatmap = heatmaps?.[index];
    return { input, target, file: files[index] as string, ...(heatmap === undefined ? {} : { heatmap }) };
  });
  refuseCollisions(request.inputs, planned);
  return planned;
}

/** A text as part of a file name: letters and digits of any script, dashes between, at most 60 long. */
export function slugOf(text: string): string {
  const slug = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '');
  return slug === '' ? 'edited' : slug;
}

function nameAll(
  pairs: readonly { input: string; target: string }[],
  flag: string,
  place: string,
  suffix: string,
  kindOf: (file: string) => PathKind,
): string[] {
  const endsWithSlash = /[\\/]$/.test(place);
  const isFolder = pairs.length > 1 || endsWithSlash || kindOf(place) === 'folder';
  if (!isFolder) return [pngFile(flag, place)];
  if (kindOf(place) === 'file' || (!endsWithSlash && /\.png$/i.test(place) && kindOf(place) === 'nothing')) {
    throw usageError(`${flag} ${place}: there are ${pairs.length} outputs, so this must be a folder`);
  }
  const used = new Set<string>();
  return pairs.map(({ input, target }) => {
    const base = `${path.parse(input).name}-${slugOf(target)}${suffix}`;
    let name = `${base}.png`;
    for (let number = 2; used.has(name); number++) name = `${base}-${number}.png`;
    used.add(name);
    return path.resolve(place, name);
  });
}

function pngFile(flag: string, file: string): string {
  if (!/\.png$/i.test(file))
    throw usageError(`${flag} ${file}: pictures are written as PNG, so the name must end in .png`);
  return path.resolve(file);
}

function refuseCollisions(inputs: readonly string[], planned: readonly PlannedOutput[]): void {
  const taken = new Map(inputs.map((input) => [path.resolve(input), `it is the input ${input}`]));
  for (const { file, heatmap } of planned) {
    for (const output of heatmap === undefined ? [file] : [file, heatmap]) {
      const problem = taken.get(output);
      if (problem !== undefined) throw usageError(`will not write ${output}: ${problem}`);
      taken.set(output, 'another output goes there already');
    }
  }
}
