/** Every installed pack, loaded as the worker loads it: schema, sizes, sha256 of each file, names and shapes of weights. */
import { loadPack, packFolders } from '@deltaspace/models';
import { describeDataDirectory } from '../config/data-directory.js';
import { finding, type Finding } from './finding.js';

/** @param shipped folder of the packs that come with the product; its own when left out. */
export async function examinePacks(root: string, shipped?: string): Promise<Finding[]> {
  const folders = [...(await packFolders(shipped)), ...(await packFolders(describeDataDirectory(root).packs))];
  if (folders.length === 0) return [finding('broken', 'packs', 'no pack is installed: nothing can be edited')];
  const findings: Finding[] = [];
  for (const folder of folders) {
    try {
      const { manifest, digest } = await loadPack(folder);
      const facts = { folder, version: manifest.version, digest, files: manifest.files.length };
      findings.push(
        finding('ok', `pack:${manifest.id}`, `${manifest.id} ${manifest.version}: all digests agree`, facts),
      );
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      findings.push(finding('broken', 'pack', `${folder}: ${reason}`, { folder }));
    }
  }
  return findings;
}
