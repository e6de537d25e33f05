/** What can be typed to work on images: edit, invert, interpolate, mix, subjects. All are clients of the daemon. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { regionSchema, type EditMethod, type Region } from '@deltaspace/shared-protocol';
import { numberBetween, perform, verb, wholeNumberBetween, type SharedFlags } from './verb.js';

export function addImageVerbs(program: Command): void {
  addEdit(program);
  addInvert(program);
  addInterpolate(program);
  addMix(program);
  addSubjects(program);
}

const sourceHelp = 'what the image shows now: a text, auto (written for each image) or domain (the bare noun)';
const packHelp = 'pack to use (models list shows them)';
const strengthHelp = 'how far to go, −10 to 10; negative swaps source and target (else the default of the pack)';
const thresholdHelp = 'how relevant a style channel must be, 0 to 1 (else the default)';

interface EditFlags extends SharedFlags {
  target?: string[];
  fromImage?: string;
  toImage?: string;
  source?: string;
  strength?: number;
  threshold?: number;
  topChannels?: number;
  pack?: string;
  method?: EditMethod;
  output?: string;
  heatmap?: string;
  region?: Region;
  subject?: number;
}

function addEdit(program: Command): void {
  verb(program, 'edit', 'edit images by text, or by the difference of two pictures')
    .argument('<in...>', 'image files: PNG, JPEG, WebP, …')
    .addOption(
      new Option('--target <text>', 'what the image should show; repeat for several outputs').argParser(
        (text: string, before: string[] | undefined) => [...(before ?? []), text],
      ),
    )
    .option('--from-image <file>', 'instead of texts: a picture before the change …')
    .option('--to-image <file>', '… and one after it; the same change is made to the images')
    .option('--source <text>', sourceHelp)
    .option('--strength <n>', strengthHelp, numberBetween(-10, 10))
    .option('--threshold <n>', thresholdHelp, numberBetween(0, 1))
    .option('--top-channels <k>', 'change only the k most relevant style channels', wholeNumberBetween(1, 65_536))
    .option('--pack <id>', packHelp)
    .addOption(new Option('--decoder <kind>', 'what makes the picture').choices(['gan']).default('gan'))
    .addOption(
      new Option('--method <name>', 'how the change is found (all but the first are baselines)').choices([
        'deltaedit',
        'straightforward',
        'wplus',
        'styleclip-gd',
      ]),
    )
    .option('--region <x,y,w,h>', 'edit this part only, in pixels; the rest stays as it is', regionOf)
    .option('--subject <n>', 'edit only the subject of that number (subjects lists them)', wholeNumberBetween(1, 64))
    .option('-o, --output <path>', 'PNG file, or folder when there are several outputs')
    .option('--heatmap <path>', 'also write where the picture changed: PNG file, or folder')
    .action((inputs: string[], flags: EditFlags) =>
      perform(flags, async ({ target, ...rest }, { console, dataRoot, signal }) => {
        const { runEdit } = await import('./commands/edit.js');
        await runEdit({ ...rest, inputs, targets: target ?? [], dataRoot }, console, signal);
      }),
    );
}

/** Four whole numbers with commas between them. */
function regionOf(text: string): Region {
  const [x, y, width, height, ...more] = text
    .split(',')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : Number.NaN));
  const checked = regionSchema.safeParse({ x, y, width, height });
  if (checked.success && more.length === 0) return checked.data;
  throw new InvalidArgumentError('expected X,Y,WIDTH,HEIGHT in whole pixels, such as 0,0,512,512');
}

function addSubjects(program: Command): void {
  verb(program, 'subjects', 'list the subjects of an image that stand apart from its background')
    .argument('<in>', 'image file')
    .action((input: string, flags: SharedFlags) =>
      perform(flags, async (_flags, { console, dataRoot, signal }) => {
        const { runSubjects } = await import('./commands/subjects.js');
        await runSubjects({ input, dataRoot }, console, signal);
      }),
    );
}

function addInvert(program: Command): void {
  verb(program, 'invert', 'find the latent code of an image')
    .argument('<in>', 'image file')
    .requiredOption('-o, --output <file>', 'safetensors file for the latent')
    .option('--reconstruction <file>', 'also write what the generator makes of the latent: PNG file')
    .option('--pack <id>', packHelp)
    .action((input: string, flags: SharedFlags & { output: string; reconstruction?: string; pack?: string }) =>
      perform(flags, async (given, { console, dataRoot, signal }) => {
        const { runInvert } = await import('./commands/invert.js');
        await runInvert({ ...given, input, dataRoot }, console, signal);
      }),
    );
}

interface InterpolateFlags extends SharedFlags {
  from?: string;
  to?: string;
  source?: string;
  strength?: number;
  threshold?: number;
  steps: number;
  pack?: string;
  output: string;
}

function addInterpolate(program: Command): void {
  verb(program, 'interpolate', 'make the frames between two texts for one image, or between two images')
    .argument('<in>', 'image file')
    .argument('[other]', 'second image file; instead of --from and --to')
    .option('--from <text>', 'what the first frame shows')
    .option('--to <text>', 'what the last frame shows')
    .option('--source <text>', sourceHelp)
    .option('--strength <n>', strengthHelp, numberBetween(-10, 10))
    .option('--threshold <n>', thresholdHelp, numberBetween(0, 1))
    .option('--steps <n>', 'frames, both ends included', wholeNumberBetween(2, 64), 6)
    .option('--pack <id>', packHelp)
    .requiredOption('-o, --output <dir>', 'folder for frame-00.png and so on')
    .action((input: string, other: string | undefined, flags: InterpolateFlags) =>
      perform(flags, async (given, { console, dataRoot, signal }) => {
        const { runInterpolate } = await import('./commands/interpolate.js');
        const second = other === undefined ? {} : { other };
        await runInterpolate({ ...given, ...second, input, dataRoot }, console, signal);
      }),
    );
}

function addMix(program: Command): void {
  verb(program, 'mix', 'style mixing: the coarse layers of one image, the finer layers of another')
    .argument('<content>', 'image file that gives shape and pose')
    .argument('<style>', 'image file that gives colours and detail')
    .option(
      '--from-layer <k>',
      'first layer taken from the style image (else the first fine one)',
      wholeNumberBetween(0, 64),
    )
    .option('--pack <id>', packHelp)
    .requiredOption('-o, --output <file>', 'PNG file')
    .action(
      (content: string, style: string, flags: SharedFlags & { fromLayer?: number; pack?: string; output: string }) =>
        perform(flags, async (given, { console, dataRoot, signal }) => {
          const { runMix } = await import('./commands/mix.js');
          await runMix({ ...given, content, style, dataRoot }, console, signal);
        }),
    );
}
