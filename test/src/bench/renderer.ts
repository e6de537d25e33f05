/** How fast avatars are drawn at 64 pixels, on one thread and on all cores. */

import { avatarAt, createRenderPool } from '@deltaspace/daemon';
import { availableParallelism } from 'node:os';
import { fastestMs } from './measure.js';
import type { BenchmarkResult } from './report.js';

const SIZE = 64;
const COUNT = 512;
/** Images per second and core. */
const FLOOR = 400;

export async function benchRenderer(): Promise<BenchmarkResult[]> {
  const avatars = Array.from({ length: COUNT }, (_, index) => avatarAt('train', index));
  const results: BenchmarkResult[] = [];
  for (const threads of new Set([1, availableParallelism()])) {
    const pool = createRenderPool({ threads });
    const milliseconds = await fastestMs(() => pool.render({ avatars, size: SIZE }), { warmUps: 1, rounds: 3 });
    await pool.dispose();
    const perSecond = (COUNT / milliseconds) * 1000;
    const met = perSecond / threads >= FLOOR;
    results.push({
      name: `renderer, ${SIZE} px, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
      value: `${perSecond.toFixed(0)} images/s`,
      ...(threads === 1 ? { floor: { text: `${FLOOR} per core`, met } } : {}),
    });
  }
  return results;
}
