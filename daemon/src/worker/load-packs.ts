/**
 * Loading packs so that a damaged one costs only itself.
 *
 * The engine loads all or nothing. When that fails, folders are added one at a time to name the culprits: the slow way is
 * taken only when something is wrong.
 */
import path from 'node:path';
import { ProtocolError, type PackSummary } from '@deltaspace/shared-protocol';
import type { EditEngine } from '../jobs/engine-port.js';
import type { DamagedPack, WorkerInventory } from './messages.js';

/** @param directories pack folders; of two packs with one id the earlier wins. */
export async function loadPacks(
  directories: readonly string[],
  create: (directories: readonly string[]) => Promise<EditEngine>,
): Promise<{ engine: EditEngine; inventory: WorkerInventory }> {
  try {
    const engine = await create(directories);
    return { engine, inventory: { models: summariesOf(engine), damaged: [] } };
  } catch (error) {
    if (directories.length === 0) throw error;
  }
  let engine = await create([]);
  let sound: string[] = [];
  const damaged: DamagedPack[] = [];
  for (const directory of directories) {
    try {
      const larger = await create([...sound, directory]);
      await engine.dispose();
      engine = larger;
      sound = [...sound, directory];
    } catch (error) {
      damaged.push({
        folder: path.basename(directory),
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  }
  return { engine, inventory: { models: summariesOf(engine), damaged } };
}

/** Names the damaged packs when a job asks for a pack that is not there. */
export function explainMissingPack(error: ProtocolError, damaged: readonly DamagedPack[]): ProtocolError {
  if (error.code !== 'pack_missing' || damaged.length === 0) return error;
  const reasons = damaged.map(({ folder, reason }) => `${folder}: ${reason}`).join('; ');
  return new ProtocolError('pack_damaged', `${error.message}. Damaged and not loaded: ${reasons}`, { cause: error });
}

function summariesOf(engine: EditEngine): PackSummary[] {
  return engine.packs().map(({ id, version, domain, resolution, networks, licence, defaults, suggestions }) => ({
    id,
    version,
    domain,
    resolution,
    networks: [...networks],
    ...(licence === undefined ? {} : { licence }),
    ...(defaults === undefined ? {} : { defaults }),
    ...(suggestions === undefined ? {} : { suggestions }),
  }));
}
