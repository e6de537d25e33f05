/**
 * What can be typed to look after an installation: doctor, config.
 */
import type { Command } from 'commander';
import { daemonPorts } from '@deltaspace/shared-protocol';
import { withServeFlags } from './serve-flags.js';
import { perform, verb, type SharedFlags } from './verb.js';

export function addOperationVerbs(program: Command): void {
  addDoctor(program);
  addConfig(program);
}

function addDoctor(program: Command): void {
  verb(program, 'doctor', 'look for what is wrong with this machine; exit code 1 when something is broken').action(
    (flags: SharedFlags) =>
      perform(flags, async (_flags, { console, dataRoot, settings }) => {
        const { runDoctor } = await import('./commands/doctor.js');
        const port = settings.port.value;
        return runDoctor(dataRoot, port === undefined ? daemonPorts : [port], console);
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
