/**
 * How many threads onnxruntime should compute with: the physical cores. Measured on training steps, a second thread per
 * core only adds contention for the one vector unit.
 */

import { readFileSync } from 'node:fs';
import { availableParallelism, arch, cpus, platform } from 'node:os';

/** Physical cores this process may use, at least 1. */
export function physicalCoreCount(): number {
  const usable = availableParallelism();
  const physical = platform() === 'linux' ? countLinuxCores() : null;
  if (physical !== null) return Math.max(1, Math.min(usable, physical));
  // Elsewhere the system does not say. Two hardware threads per core is the rule on x64, one on arm64.
  return arch() === 'x64' ? Math.max(1, Math.ceil(usable / 2)) : usable;
}

/** Distinct groups of sibling hardware threads, or null where the kernel does not list them. */
function countLinuxCores(): number | null {
  const groups = new Set<string>();
  for (let cpu = 0; cpu < cpus().length; cpu++) {
    try {
      groups.add(readFileSync(`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`, 'utf8').trim());
    } catch {
      return null; // not readable in some containers: the caller then goes by the architecture
    }
  }
  return groups.size > 0 ? groups.size : null;
}
