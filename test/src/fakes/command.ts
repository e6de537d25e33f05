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
  readonly cwd: string;
  /** Called with the process id; for signals from outside. */
  readonly started?: (pid: number) => unknown;
  /** Called with all of standard error so far, whenever there is more. */
  readonly heard?: (stderr: string) => unknown;
}

/** Runs `deltaspace …` with its own data folder. */
export function deltaspace(commandLine: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const child = spawn(process.execPath, [launcher, ...commandLine], {
    cwd: options.cwd,
    env: { ...process.env, NODE_OPTIONS: '', DELTASPACE_DATA: options.dataRoot },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  options.started?.(child.pid as number);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    options.heard?.(stderr);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}
