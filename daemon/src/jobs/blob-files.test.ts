import type { FileHandle } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { writeWhole } from './blob-files.js';

/** A file that takes at most `most` bytes per write, as a nearly full disk does. */
function reluctantFile(most: number): { handle: Pick<FileHandle, 'write'>; contents: number[] } {
  const contents: number[] = [];
  const write = (bytes: Uint8Array, start: number, length: number, position: number) => {
    const bytesWritten = Math.min(most, length);
    for (let i = 0; i < bytesWritten; i++) contents[position + i] = bytes[start + i] as number;
    return Promise.resolve({ bytesWritten, buffer: bytes });
  };
  return { handle: { write: write as FileHandle['write'] }, contents };
}

describe('writing a chunk', () => {
  it('goes on after short writes until every byte is in its place', async () => {
    const { handle, contents } = reluctantFile(3);
    await writeWhole(handle, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), 2);
    expect(contents.slice(2)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('says that the disk is full when nothing more goes in', async () => {
    const { handle } = reluctantFile(0);
    await expect(writeWhole(handle, Uint8Array.of(1), 0)).rejects.toMatchObject({ code: 'storage_full' });
  });
});
