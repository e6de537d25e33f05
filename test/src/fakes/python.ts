/** Whether a Python with the package of the example is there; DELTASPACE_PYTHON names another interpreter. */
import { spawnSync } from 'node:child_process';

export const python = process.env['DELTASPACE_PYTHON'] ?? (process.platform === 'win32' ? 'python' : 'python3');

/** Why the Python example cannot run; undefined when it can. */
export function pythonLacks(): string | undefined {
  const check =
    'import sys, websockets; print(sys.version_info >= (3, 9) and int(websockets.__version__.split(".")[0]))';
  const { status, stdout, error } = spawnSync(python, ['-c', check], { encoding: 'utf8' });
  if (error !== undefined) return `there is no ${python}`;
  if (status !== 0) return `${python} has no package websockets`;
  return Number(stdout) >= 15 ? undefined : `${python} has no Python 3.9 with websockets 15`;
}
