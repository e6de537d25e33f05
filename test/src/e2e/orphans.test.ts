/** A worker whose daemon dies before the worker has begun to listen: it must not stay behind. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** Loads the worker slowly on a busy machine. */
const patience = { timeout: 30_000, interval: 100 };

it('ends when its parent is gone before it listens', async () => {
  const entry = fileURLToPath(new URL('../../../daemon/dist/worker/main.js', import.meta.url));
  const script = `const child = require('node:child_process').fork(process.argv[1], [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    process.stdout.write(String(child.pid), () => process.exit(0));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script, entry]);
  const pid = Number(stdout);
  expect(pid).toBeGreaterThan(0);
  const lives = (): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  try {
    await expect.poll(lives, patience).toBe(false);
  } finally {
    if (lives()) process.kill(pid, 'SIGKILL');
  }
}, 40_000);
