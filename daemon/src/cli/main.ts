/**
 * The command line: what can be typed, and which command it becomes. Commands live in commands/, one file per area, and
 * are loaded when used, so that each call loads only its own.
 *
 * Exit codes: 0 done, 1 the operation failed, 2 wrong usage, 130 cancelled.
 */
import { Command, CommanderError, Option } from 'commander';
import { daemonVersion } from '../config/settings.js';
import { exitCodes } from './failure.js';
import { addAccessVerbs } from './access-verbs.js';
import { addImageVerbs } from './image-verbs.js';
import { addOperationVerbs } from './operation-verbs.js';
import { withServeFlags } from './serve-flags.js';
import { addStorageVerbs } from './storage-verbs.js';
import { numberBetween, perform, verb, wholeNumberBetween, type SharedFlags } from './verb.js';

const program = new Command('deltaspace')
  .description('Edits image layers by text, on this machine.')
  .version(daemonVersion)
  .showHelpAfterError('(deltaspace --help shows what can be typed)')
  .exitOverride()
  .enablePositionalOptions();

withServeFlags(verb(program, 'start', 'start a daemon that stays, so that later commands are quick'))
  .option('--foreground', 'stay in this terminal and log to it', false)
  .action((flags: SharedFlags & { foreground: boolean }) =>
    perform(flags, async ({ foreground }, { console, dataRoot, settings, signal }) => {
      const { runStart } = await import('./commands/service.js');
      return runStart({ dataRoot, foreground, settings }, console, signal);
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

addImageVerbs(program);
addAccessVerbs(program);
addOperationVerbs(program);
addStorageVerbs(program);

const models = program.command('models').description('packs and their networks');

verb(models, 'list', 'list the installed packs').action((flags: SharedFlags) =>
  perform(flags, async (_flags, { console, dataRoot }) => {
    const { runModelsList } = await import('./commands/models.js');
    await runModelsList(dataRoot, console);
  }),
);

verb(models, 'verify', 'compare the files of packs with their manifests; exit code 1 when one is damaged')
  .argument('[pack]', 'pack id or folder name (else all)')
  .action((pack: string | undefined, flags: SharedFlags) =>
    perform(flags, async (_flags, { console, dataRoot, signal }) => {
      const { runModelsVerify } = await import('./commands/models.js');
      return runModelsVerify(pack, dataRoot, console, signal);
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
  .option('--from <pack>', 'folder of a smaller pack of the recipe to grow from, instead of its first stages')
  .option('--resume', 'go on with the run that the folder holds', false)
  .action((flags: SharedFlags & { output: string; minutes?: number; steps?: number; from?: string; resume: boolean }) =>
    perform(flags, async (given, { console, signal }) => {
      const { runTrainPack } = await import('./commands/train.js');
      await runTrainPack(given, console, signal);
    }),
  );

interface EvaluateFlags extends SharedFlags {
  pack: string;
  methods?: string;
  avatars?: number;
  split?: 'validation' | 'test';
  seed?: number;
  output?: string;
  sheet?: string;
}

verb(program, 'evaluate', 'measure a pack on held-out data; needs no daemon')
  .option('--pack <id>', 'pack to measure', 'avatars')
  .option('--methods <names>', 'which of deltaedit,straightforward,wplus,styleclip-gd (else all; the first always)')
  .option('--avatars <n>', 'avatars per text (else 200)', wholeNumberBetween(1, 1000))
  .addOption(new Option('--split <name>', 'which held-out avatars (else test)').choices(['validation', 'test']))
  .option('--seed <n>', 'of captions (else 31)', wholeNumberBetween(0, 2 ** 32 - 1))
  .option('-o, --output <file>', 'the report: HTML file (else PACK-evaluation.html)')
  .option('--sheet <file>', 'also write a contact sheet of edits: PNG file')
  .action((flags: EvaluateFlags) =>
    perform(flags, async (given, { console, dataRoot, signal }) => {
      const { runEvaluate } = await import('./commands/evaluate.js');
      await runEvaluate({ ...given, dataRoot }, console, signal);
    }),
  );

interface AnalyzeFlags extends SharedFlags {
  imageFeatures?: string;
  textFeatures?: string;
  deltaImageFeatures?: string;
  deltaTextFeatures?: string;
  pack?: string;
  split?: 'validation' | 'test';
  avatars?: number;
  seed?: number;
  output?: string;
  projection?: 'pca' | 'tsne';
}

verb(program, 'analyze', 'compare CLIP space and DeltaSpace on feature files or a pack; needs no daemon')
  .option('--image-features <file>', 'image embeddings: .npy, one row each')
  .option('--text-features <file>', 'embeddings of their texts, in the same order')
  .option('--delta-image-features <file>', 'differences of image embeddings (else made from the pairs)')
  .option('--delta-text-features <file>', 'differences of text embeddings, in the same order')
  .option('--pack <id>', 'analyse a pack on held-out avatars instead of files')
  .addOption(new Option('--split <name>', 'which held-out avatars').choices(['validation', 'test']))
  .option('--avatars <n>', 'how many held-out avatars', wholeNumberBetween(256, 10_000))
  .option('--seed <n>', 'of the random pairs, and of captions', wholeNumberBetween(0, 2 ** 32 - 1))
  .option('-o, --output <file>', 'also draw both spaces: PNG file')
  .addOption(new Option('--projection <name>', 'how they are drawn (else pca)').choices(['pca', 'tsne']))
  .action((flags: AnalyzeFlags) =>
    perform(flags, async (given, { console, dataRoot, signal }) => {
      const { runAnalyze } = await import('./commands/analyze.js');
      await runAnalyze({ ...given, dataRoot }, console, signal);
    }),
  );

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
