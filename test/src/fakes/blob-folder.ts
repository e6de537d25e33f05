/** Blobs put into a data folder behind the daemon's back, as an earlier process left them: not yet compared with their names. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Writes `count` blobs of `sizeBytes` each, all different, and returns their digests. */
export function leaveBlobs(dataRoot: string, count: number, sizeBytes: number): string[] {
  const folder = path.join(dataRoot, 'blobs');
  mkdirSync(folder, { recursive: true });
  const bytes = Buffer.alloc(sizeBytes);
  return Array.from({ length: count }, (_, index) => {
    bytes.writeUInt32LE(index);
    const hex = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(path.join(folder, `sha256-${hex}`), bytes);
    return `sha256:${hex}`;
  });
}
