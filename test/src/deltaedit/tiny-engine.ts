/** An engine on tiny packs with real runners that count, and layers to try it on. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  createEngine,
  createRunner,
  pixelImage,
  type EngineHooks,
  type PixelImage,
  type Runner,
} from '@deltaspace/daemon';
import { savePack, type PackContents } from '@deltaspace/models';

/** Hooks of a job that nobody watches. */
export const hooks: EngineHooks = { progress: (): void => undefined, signal: new AbortController().signal };

/** A layer of 50 × 40 pixels with a pattern of its own; half of its pixels are transparent and keep hidden colours. */
export function patternLayer(step: number): PixelImage {
  return pixelImage(
    50,
    40,
    Uint8Array.from({ length: 50 * 40 * 4 }, (_, i) => (i % 4 === 3 ? (i % 8 === 3 ? 255 : 0) : (i * step) % 256)),
  );
}

/** A picture of 32 × 32 opaque pixels with soft changes of colour. */
export function softLayer(phase: number): PixelImage {
  const value = (i: number): number => 128 + 100 * Math.sin(phase + (i % 4) + i / 700);
  return pixelImage(
    32,
    32,
    Uint8Array.from({ length: 32 * 32 * 4 }, (_, i) => (i % 4 === 3 ? 255 : Math.round(value(i)))),
  );
}

/** The engine of a test, and what it runs on. */
export interface TinyEngine {
  readonly engine: Awaited<ReturnType<typeof createEngine>>;
  /** The folder that holds the packs' folders. */
  readonly directory: string;
  readonly folders: readonly string[];
  readonly countingRunner: (model: Uint8Array) => Promise<Runner>;
  /** The names of the inputs of every run so far. */
  readonly runs: string[];
  close(): Promise<void>;
}

/** Saves packs into a folder of their own and makes an engine of them. */
export async function tinyEngine(...packs: readonly PackContents[]): Promise<TinyEngine> {
  const directory = await mkdtemp(path.join(tmpdir(), 'deltaspace-engine-'));
  const folders = packs.map(({ id }) => path.join(directory, id));
  for (const [i, contents] of packs.entries()) await savePack(folders[i] as string, contents);
  const runs: string[] = [];
  const countingRunner = async (model: Uint8Array): Promise<Runner> => {
    const runner = await createRunner(model, { threads: 1 });
    return {
      ...runner,
      run: (feeds) => {
        runs.push(Object.keys(feeds).sort().join());
        return runner.run(feeds);
      },
    };
  };
  const engine = await createEngine(folders, countingRunner);
  const close = async (): Promise<void> => {
    await engine.dispose();
    await rm(directory, { recursive: true });
  };
  return { engine, directory, folders, countingRunner, close, runs };
}

/** Largest difference of any byte; infinite when sizes differ. Batches round differently, so equal edits may differ by 1. */
export function byteDifference(a: PixelImage, b: PixelImage): number {
  if (a.width !== b.width || a.height !== b.height) return Infinity;
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - (b.data[i] as number))), 0);
}
