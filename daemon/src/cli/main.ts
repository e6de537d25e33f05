/**
 * The command line: what can be typed, and which command it becomes. Commands live in commands/, one file per area, and
 * are loaded when used, so that each call loads only its own.
 *
 * Exit codes: 0 done, 1 the operation failed, 2 wrong usage, 130 cancelled.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { chooseDataRoot } from '../config/data-directory.js';
import { daemonVersion } from '../config/settings.js';
import { Console } from './console.js';
import { describeFailure, exitCodes } from './failure.js';

interface SharedFlags {
  readonly json?: boolean;
  readonly data?: string;
}

type Action<Flags> = (
  flags: Flags,
  context: { console: Console; dataRoot: string; signal: AbortSignal },
) => Promise<number | void>;

/** Runs one command: cancellation by Ctrl-C, failures to words and exit code. */
async function perform<Flags extends SharedFlags>(flags: Flags, action: Action<Flags>): Promise<void> {
  const console = new Console(flags.json ?? false);
  const interrupt = new AbortController();
  const onSignal = (): void => {
    if (interrupt.signal.aborted) process.exit(exitCodes.cancelled); // The second Ctrl-C means now.
    interrupt.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    const dataRoot = chooseDataRoot(flags.data);
    const exitCode = await action(flags, { console, dataRoot, signal: interrupt.signal });
    process.exitCode = exitCode ?? exitCodes.done;
  } catch (error) {
    const { exitCode, code, message } = describeFailure(error);
    console.failure(code, message);
    process.exitCode = interrupt.signal.aborted ? exitCodes.cancelled : exitCode;
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

const program = new Command('deltaspace')
  .description('Edits image layers by text, on this machine.')
  .version(daemonVersion)
  .showHelpAfterError('(deltaspace --help shows what can be typed)')
  .exitOverride()
  .enablePositionalOptions();

/** A subcommand with the flags that all of them take. */
function verb(parent: Command, syntax: string, description: string): Command {
  return parent
    .command(syntax)
    .description(description)
    .option('--json', 'print one JSON object on standard output')
    .option('--data <dir>', 'data folder (else DELTASPACE_DATA, else the system’s place for application data)');
}

verb(program, 'start', 'start a daemon that stays, so that later commands are quick')
  .option('--port <n>', 'the only port to use (else 7411 to 7415 are tried)', portOf)
  .option('--foreground', 'stay in this terminal and log to it', false)
  .action((flags: SharedFlags & { port?: string; foreground: boolean }) =>
    perform(flags, async ({ foreground, port }, { console, dataRoot, signal }) => {
      const { runStart } = await import('./commands/service.js');
      return runStart({ dataRoot, foreground, ...(port === undefined ? {} : { port }) }, console, signal);
    }),
  );

verb(program, 'stop', 'stop the daemon').action((flags: SharedFlags) =>
  perform(flags, async (_flags, { console, dataRoot }) => {
    const { runStop } = await import('./commands/service.js');
    await runStop(dataRoot, console);
  }),
);

verb(program, 'status', 'tell how the daemon is; exit code 1 when none runs').action((flags: SharedFlags) =>
  perform(flags, async (_flags, { console, dataRoot }) => {
    const { runStatus } = await import('./commands/service.js');
    return runStatus(dataRoot, console);
  }),
);

interface EditFlags extends SharedFlags {
  target: string[];
  source?: string;
  strength?: number;
  threshold?: number;
  pack?: string;
  method?: 'deltaedit' | 'straightforward';
  output?: string;
  heatmap?: string;
}

verb(program, 'edit', 'edit images by text')
  .argument('<in...>', 'image files: PNG, JPEG, WebP, …')
  .addOption(
    new Option('--target <text>', 'what the image should show; repeat for several outputs')
      .argParser((text: string, before: string[] | undefined) => [...(before ?? []), text])
      .makeOptionMandatory(),
  )
  .option('--source <text>', 'what the image shows now (else the domain of the pack)')
  .option('--strength <n>', 'how far to go, −10 to 10 (else the default of the pack)', numberBetween(-10, 10))
  .option('--threshold <n>', 'how relevant a style channel must be, 0 to 1 (else the default)', numberBetween(0, 1))
  .option('--pack <id>', 'pack to use (models list shows them)')
  .addOption(new Option('--decoder <kind>', 'what makes the picture').choices(['gan']).default('gan'))
  .addOption(new Option('--method <name>', 'how the text acts').choices(['deltaedit', 'straightforward']))
  .option('-o, --output <path>', 'PNG file, or folder when there are several outputs')
  .option('--heatmap <path>', 'also write where the picture changed: PNG file, or folder')
  .action((inputs: string[], flags: EditFlags) =>
    perform(flags, async ({ target, ...rest }, { console, dataRoot, signal }) => {
      const { runEdit } = await import('./commands/edit.js');
      await runEdit({ ...rest, inputs, targets: target, dataRoot }, console, signal);
    }),
  );

verb(program, 'invert', 'find the latent code of an image')
  .argument('<in>', 'image file')
  .requiredOption('-o, --output <file>', 'safetensors file for the latent')
  .option('--reconstruction <file>', 'also write what the generator makes of the latent: PNG file')
  .option('--pack <id>', 'pack to use')
  .action((input: string, flags: SharedFlags & { output: string; reconstruction?: string; pack?: string }) =>
    perform(flags, async (given, { console, dataRoot, signal }) => {
      const { runInvert } = await import('./commands/invert.js');
      await runInvert({ ...given, input, dataRoot }, console, signal);
    }),
  );

const models = program.command('models').description('packs and their networks');

verb(models, 'list', 'list the installed packs').action((flags: SharedFlags) =>
  perform(flags, async (_flags, { console, dataRoot }) => {
    const { runModelsList } = await import('./commands/models.js');
    await runModelsList(dataRoot, console);
  }),
);

verb(models, 'run', 'run one network of a pack on tensors')
  .argument('<pack>', 'pack id')
  .argument('<network>', 'network name, as models list shows it')
  .addOption(new Option('--input <name=file.npy...>', 'the tensors; one or more, and repeatable').makeOptionMandatory())
  .requiredOption('-o, --output <dir>', 'folder for NAME.npy of each output')
  .action((pack: string, network: string, flags: SharedFlags & { input: string[]; output: string }) =>
    perform(flags, async ({ input, output }, { console, dataRoot, signal }) => {
      const { runModelsRun } = await import('./commands/models.js');
      await runModelsRun({ pack, network, inputs: input, output, dataRoot }, console, signal);
    }),
  );

const train = program.command('train').description('train networks');

verb(train, 'pack', 'train all networks of a pack from scratch; needs no daemon')
  .addOption(new Option('--recipe <name>', 'what to train on').choices(['avatars']).makeOptionMandatory())
  .requiredOption('-o, --output <dir>', 'folder for the run; the finished pack is written inside')
  .option('--minutes <n>', 'time for all stages together (else as long as the recipe takes)', numberBetween(0.01, 1e6))
  .option('--steps <n>', 'most steps of every stage', wholeNumberBetween(1, 1e9))
  .option('--resume', 'go on with the run that the folder holds', false)
  .action((flags: SharedFlags & { output: string; minutes?: number; steps?: number; resume: boolean }) =>
    perform(flags, async (given, { console, signal }) => {
      const { runTrainPack } = await import('./commands/train.js');
      await runTrainPack(given, console, signal);
    }),
  );

interface EvaluateFlags extends SharedFlags {
  pack: string;
  avatars?: number;
  split?: 'validation' | 'test';
  sheet?: string;
}

verb(program, 'evaluate', 'measure a pack on held-out data; needs no daemon')
  .option('--pack <id>', 'pack to measure', 'avatars')
  .option('--avatars <n>', 'avatars per text', wholeNumberBetween(1, 1000))
  .addOption(new Option('--split <name>', 'which held-out avatars').choices(['validation', 'test']))
  .option('--sheet <file>', 'also write a contact sheet of edits: PNG file')
  .action((flags: EvaluateFlags) =>
    perform(flags, async (given, { console, dataRoot, signal }) => {
      const { runEvaluate } = await import('./commands/evaluate.js');
      await runEvaluate({ ...given, dataRoot }, console, signal);
    }),
  );

/** A whole number within bounds; anything else is wrong usage. */
function wholeNumberBetween(minimum: number, maximum: number): (text: string) => number {
  const parse = numberBetween(minimum, maximum);
  return (text) => {
    const value = parse(text);
    if (Number.isInteger(value)) return value;
    throw new InvalidArgumentError(`expected a whole number from ${minimum} to ${maximum}`);
  };
}

/** A strict number within bounds; anything else is wrong usage. */
function numberBetween(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isFinite(value) && value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`expected a number from ${minimum} to ${maximum}`);
  };
}

function portOf(text: string): string {
  const port = numberBetween(1, 65535)(text);
  if (!Number.isInteger(port)) throw new InvalidArgumentError('expected a whole number');
  return String(port);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Commander has printed it. Help and version are wishes fulfilled, everything else is wrong usage.
  process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (error.exitCode !== 0 && process.argv.includes('--json')) {
    const message = error.message.replace(/^error: /, '');
    process.stdout.write(`${JSON.stringify({ error: { code: 'usage', message } }, null, 2)}\n`);
  }
}
