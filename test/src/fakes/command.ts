/**
 * The command line as a user runs it: a process, its output, its exit code.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const launcher = fileURLToPath(new URL('../../../daemon/bin/deltaspace.js', import.meta.url));

export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly dataRoot: string;
  /** Variables besides those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Called with the process id; for signals from outside. */
  readonly started?: (pid: number) => unknown;
  /** Called with all of standard output so far, whenever there is more. */
  readonly printed?: (stdout: string) => unknown;
  /** Called with all of standard error so far, whenever there is more. */
  readonly heard?: (stderr: string) => unknown;
}

/** The settings of whoever runs the tests must not change what they see. */
const noSettings = { DELTASPACE_CONFIG: '/no/such/folder/config.toml' };

/** Runs `deltaspace …` with its own data folder. */
export function deltaspace(commandLine: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const child = spawn(process.execPath, [launcher, ...commandLine], {
    cwd: options.cwd,
    env: { ...process.env, NODE_OPTIONS: '', DELTASPACE_DATA: options.dataRoot, ...noSettings, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  options.started?.(child.pid as number);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    options.printed?.(stdout);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    options.heard?.(stderr);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}
