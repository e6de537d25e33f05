/**
 * An engine whose packs share the memory for networks: every request counts as use of its pack (model-memory.ts).
 */
import type { EditEngine } from './engine-types.js';
import type { ModelMemory } from './model-memory.js';

/** The same engine, telling `memory` which packs are at work. */
export function residentEngine(engine: EditEngine, memory: ModelMemory): EditEngine {
  return {
    packs: () => engine.packs(),
    subjects: (...given) => engine.subjects(...given),
    edit: (pack, ...given) => memory.during(pack, () => engine.edit(pack, ...given)),
    invert: (pack, ...given) => memory.during(pack, () => engine.invert(pack, ...given)),
    interpolate: (pack, ...given) => memory.during(pack, () => engine.interpolate(pack, ...given)),
    mix: (pack, ...given) => memory.during(pack, () => engine.mix(pack, ...given)),
    runNetwork: (pack, ...given) => memory.during(pack, () => engine.runNetwork(pack, ...given)),
    dispose: async () => {
      memory.dispose();
      await engine.dispose();
    },
  };
}
