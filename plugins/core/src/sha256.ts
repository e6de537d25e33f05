/**
 * sha256 for uploads: the platform's where it has one, else computed here in slices, so that a panel stays alive while a large
 * layer is hashed. Digests are remembered by array, because a layer is uploaded again after every reconnect; arrays given to it
 * must not change afterwards.
 */
import { sha256With, type Sha256 } from '@deltaspace/shared-protocol';
import { sha256 as hasher } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { pause, type Platform } from './platform.js';

/** Bytes between two pauses: some 10 ms of work on a slow machine. */
const sliceBytes = 1024 * 1024;

export function createSha256(platform: Pick<Platform, 'subtle' | 'after'>): Sha256 {
  const known = new WeakMap<Uint8Array, string>();
  const compute = platform.subtle === undefined ? inSlices(platform) : sha256With(platform.subtle);
  return async (bytes) => {
    const before = known.get(bytes);
    if (before !== undefined) return before;
    const digest = await compute(bytes);
    known.set(bytes, digest);
    return digest;
  };
}

function inSlices(platform: Pick<Platform, 'after'>): Sha256 {
  return async (bytes) => {
    const hash = hasher.create();
    for (let offset = 0; offset < bytes.length; offset += sliceBytes) {
      if (offset > 0) await pause(platform, 0);
      hash.update(bytes.subarray(offset, offset + sliceBytes));
    }
    return bytesToHex(hash.digest());
  };
}
