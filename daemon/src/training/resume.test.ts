/**
 * A run that is killed with SIGKILL at random moments ends with the same bits as one that was never interrupted.
 * The killed runs are real processes of the built program.
 */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { loadNewestCheckpoint } from './checkpoint.js';
import { Random } from './random.js';
import { smallRun, smallStep } from './testing/small-run.js';
import { train } from './train.js';

const PROGRAM = fileURLToPath(new URL('../../dist/training/testing/small-run.js', import.meta.url));
const STEPS = 80;
const folders: string[] = [];

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'deltaspace-training-'));
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** Starts the program and kills it `delayMs` after it began its `steps`-th step; resolves to true when it ended by itself. */
function runAndKill(folder: string, steps: number, delayMs: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, folder, String(STEPS)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let begun = 0;
    let timer: NodeJS.Timeout | undefined;
    child.stdout.on('data', (text: Buffer) => {
      begun += text.toString().split('\n').length - 1;
      if (begun >= steps) timer ??= setTimeout(() => child.kill('SIGKILL'), delayMs);
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(true);
      else if (signal === 'SIGKILL') resolve(false);
      else reject(new Error(`the training program ended with ${code ?? signal}`));
    });
  });
}

it('ends bit-identical however often it is killed', async () => {
  expect(existsSync(PROGRAM), `${PROGRAM} is missing: run "npm run build" first`).toBe(true);
  const whole = await temporaryFolder();
  const expected = await train(smallRun(whole, STEPS));

  const folder = await temporaryFolder();
  const random = new Random(2026);
  let kills = 0;
  // The tenth step of a life begins after its first checkpoint, so every life makes progress; the delay spreads the kills
  // over batch, run, report and checkpoint.
  while (!(await runAndKill(folder, 10 + random.int(18), random.int(12)))) kills += 1;
  expect(kills).toBeGreaterThanOrEqual(2);

  const [a, b] = [await loadNewestCheckpoint(whole), await loadNewestCheckpoint(folder)];
  expect(b?.step).toBe(STEPS);
  expect(b?.state).toEqual(a?.state);
  expect(b?.random).toEqual(a?.random);
  const continued = await train(smallRun(folder, STEPS)); // nothing left to do: returns the result
  expect(continued.parameters).toEqual(expected.parameters);
  expect(await loggedMeans(folder)).toEqual(await loggedMeans(whole));
  expect((await readdir(folder)).sort()).toEqual([
    'checkpoint-000000072.safetensors',
    'checkpoint-000000080.safetensors',
    'loss.png',
    'metrics.jsonl',
  ]);
}, 180_000); // seconds on an idle machine; most of it is starting processes

it.each(['graph', 'host'] as const)(
  'continues a finished run to more steps as if it had been longer from the start (optimiser: %s)',
  async (placement) => {
    const [once, twice] = [await temporaryFolder(), await temporaryFolder()];
    const step = smallStep(placement);
    const expected = await train(smallRun(once, 40, { step }));
    await train(smallRun(twice, 13, { step }));
    expect((await train(smallRun(twice, 40, { step }))).parameters).toEqual(expected.parameters);
  },
);

/** Steps and means, without the times. */
async function loggedMeans(folder: string): Promise<unknown[]> {
  const lines = (await readFile(join(folder, 'metrics.jsonl'), 'utf8')).trimEnd().split('\n');
  return lines.map((line) => {
    const { step, metrics } = JSON.parse(line) as { step: number; metrics: object };
    return { step, metrics };
  });
}
