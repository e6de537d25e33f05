/**
 * What can be typed to look after an installation: doctor, config, service, logs.
 */
import { Option, type Command } from 'commander';
import { daemonPorts } from '@deltaspace/shared-protocol';
import { exitCodes, usageError } from './failure.js';
import { withServeFlags } from './serve-flags.js';
import { perform, verb, wholeNumberBetween, type SharedFlags } from './verb.js';

export function addOperationVerbs(program: Command): void {
  addDoctor(program);
  addConfig(program);
  addService(program);
  addLogs(program);
}

function addDoctor(program: Command): void {
  verb(program, 'doctor', 'look for what is wrong with this machine; exit code 1 when something is broken').action(
    (flags: SharedFlags) =>
      perform(flags, async (_flags, { console, dataRoot, settings }) => {
        const { runDoctor } = await import('./commands/doctor.js');
        const port = settings.port.value;
        const ports = port === undefined ? daemonPorts : [port];
        return runDoctor({ dataRoot, ports, provider: settings.provider.value }, console);
      }),
  );
}

function addConfig(program: Command): void {
  const config = program.command('config').description('settings: a file, variables and flags, the latter win');
  withServeFlags(verb(config, 'show', 'show each setting, as the given flags leave it'))
    .option('--origin', 'also show where each value comes from', false)
    .action((flags: SharedFlags & { origin: boolean }) =>
      perform(flags, async ({ origin }, { console, settings }) => {
        const { runConfigShow } = await import('./commands/config.js');
        runConfigShow(settings, origin, console);
      }),
    );
}

interface ServiceFlags extends SharedFlags {
  print: boolean;
  platform?: string;
}

function addService(program: Command): void {
  const service = program.command('service').description('a daemon that starts with your session');
  const withFlags = (command: Command): Command =>
    command
      .option('--print', 'only show what would be written and run', false)
      .addOption(
        new Option('--platform <name>', 'with --print: as on another system').choices(['linux', 'darwin', 'win32']),
      );
  const checked = ({ print, platform }: ServiceFlags): { print: boolean; platform?: string } => {
    if (platform !== undefined && !print)
      throw usageError('--platform goes with --print: services are made for this system');
    return { print, ...(platform === undefined ? {} : { platform }) };
  };

  withFlags(verb(service, 'install', 'install it: systemd user unit, launchd agent or scheduled task')).action(
    (flags: ServiceFlags) =>
      perform(flags, async (given, { console, dataRoot }) => {
        const { runServiceInstall } = await import('./commands/autostart.js');
        await runServiceInstall({ dataRoot, ...checked(given) }, console);
      }),
  );

  withFlags(verb(service, 'uninstall', 'uninstall it; models and data stay')).action((flags: ServiceFlags) =>
    perform(flags, async (given, { console, dataRoot }) => {
      const { runServiceUninstall } = await import('./commands/autostart.js');
      await runServiceUninstall({ dataRoot, ...checked(given) }, console);
    }),
  );
}

function addLogs(program: Command): void {
  verb(program, 'logs', 'show what the daemon wrote down; with --json one JSON object per line')
    .option('-f, --follow', 'go on with what is added, until Ctrl-C', false)
    .option('-n, --lines <n>', 'how many of the last lines', wholeNumberBetween(0, 1_000_000), 100)
    .option('--job <id>', 'only lines about that job')
    .action((flags: SharedFlags & { follow: boolean; lines: number; job?: string }) =>
      perform(flags, async ({ json = false, ...given }, { dataRoot, signal }) => {
        process.stdout.on('error', () => process.exit(exitCodes.done)); // Whoever read it has left, as `head` does.
        const { runLogs } = await import('./commands/logs.js');
        await runLogs({ ...given, json, dataRoot }, (text) => process.stdout.write(text), signal);
      }),
    );
}
