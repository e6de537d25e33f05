/**
 * What can be typed to look after an installation: doctor.
 */
import type { Command } from 'commander';
import { daemonPorts } from '@deltaspace/shared-protocol';
import { perform, verb, type SharedFlags } from './verb.js';

export function addOperationVerbs(program: Command): void {
  verb(program, 'doctor', 'look for what is wrong with this machine; exit code 1 when something is broken').action(
    (flags: SharedFlags) =>
      perform(flags, async (_flags, { console, dataRoot }) => {
        const { runDoctor } = await import('./commands/doctor.js');
        return runDoctor(dataRoot, daemonPorts, console);
      }),
  );
}
