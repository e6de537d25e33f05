/**
 * `deltaspace doctor`: looks at everything that edits depend on, changes nothing, needs no daemon.
 */
import { examineProviders } from '../runtime/execution-providers.js';
import { examineClients, examineDisk, examinePermissions } from './data-folder.js';
import { examine, type Finding } from './finding.js';
import { findGpus, judgeMemory, judgeNode, judgeProviders } from './machine.js';
import { examinePacks } from './packs.js';
import { examinePorts } from './ports.js';

export { type Finding, type Verdict } from './finding.js';

/** All findings, in the order in which people look for a fault. */
export async function examineAll(dataRoot: string, ports: readonly number[], provider = 'auto'): Promise<Finding[]> {
  const parts = await Promise.all([
    examine('node', () => Promise.resolve([judgeNode(process.version), judgeMemory()])),
    examine('gpu', () => findGpus()),
    examine('onnxruntime', async () => judgeProviders(await examineProviders(), provider)),
    examine('permissions', () => examinePermissions(dataRoot)),
    examine('disk', () => examineDisk(dataRoot)),
    examine('clients', () => examineClients(dataRoot)),
    examine('port', () => examinePorts(dataRoot, ports)),
    examine('packs', () => examinePacks(dataRoot)),
  ]);
  return parts.flat();
}
