/**
 * What every subcommand has in common: its flags, cancellation by Ctrl-C, failures to words and exit code, and numbers
 * checked while they are parsed.
 */
import { type Command, type CommandOptions, InvalidArgumentError } from 'commander';
import { resolveSettings, type ResolvedSettings } from '../config/resolve-settings.js';
import { Console } from './console.js';
import { describeFailure, exitCodes } from './failure.js';

export interface SharedFlags {
  readonly json?: boolean;
  readonly data?: string;
}

export type Action<Flags> = (
  flags: Flags,
  context: { console: Console; dataRoot: string; settings: ResolvedSettings; signal: AbortSignal },
) => Promise<number | void>;

/** Runs one command: cancellation by Ctrl-C, failures to words and exit code. */
export async function perform<Flags extends SharedFlags>(flags: Flags, action: Action<Flags>): Promise<void> {
  const console = new Console(flags.json ?? false);
  const interrupt = new AbortController();
  const onSignal = (): void => {
    if (interrupt.signal.aborted) process.exit(exitCodes.cancelled); // The second Ctrl-C means now.
    interrupt.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    const settings = await resolveSettings({ flags });
    const dataRoot = settings.data.value as string; // it has a default
    const exitCode = await action(flags, { console, dataRoot, settings, signal: interrupt.signal });
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

/** A subcommand with the flags that all of them take. */
export function verb(parent: Command, syntax: string, description: string, options: CommandOptions = {}): Command {
  return parent
    .command(syntax, options)
    .description(description)
    .option('--json', 'print one JSON object on standard output')
    .option(
      '--data <dir>',
      'data folder (else DELTASPACE_DATA, the settings file, the system’s place for application data)',
    );
}

/** A whole number within bounds; anything else is wrong usage. */
export function wholeNumberBetween(minimum: number, maximum: number): (text: string) => number {
  const parse = numberBetween(minimum, maximum);
  return (text) => {
    const value = parse(text);
    if (Number.isInteger(value)) return value;
    throw new InvalidArgumentError(`expected a whole number from ${minimum} to ${maximum}`);
  };
}

/** A strict number within bounds; anything else is wrong usage. */
export function numberBetween(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isFinite(value) && value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`expected a number from ${minimum} to ${maximum}`);
  };
}
