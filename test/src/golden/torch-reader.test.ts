/** The reader that the fixture tests trust: both containers of case 01 hold the same weights. */
import { describe, expect, it } from 'vitest';
import { goldenCase } from './golden-files.js';
import { readTorch, readTorchLegacy, stateDict } from './torch-reader.js';

const golden = goldenCase('01_stylegan2');
const files = ['generator_zip.pt', 'generator_legacy.pt'];
const complete = golden !== null && files.every((name) => golden.files.some(({ path }) => path === name));

describe.skipIf(!complete)('reading checkpoints', () => {
  if (golden === null) return;

  it('finds the same tensors in both containers', () => {
    const [zip, legacy] = files.map((file) => stateDict(readTorch(golden.bytes(file)), 'g_ema'));
    expect([...legacy!.keys()]).toEqual([...zip!.keys()]);
    for (const [name, tensor] of zip!) expect(legacy!.get(name), name).toEqual(tensor);
    expect([...zip!.values()].some(({ data }) => data.some((value) => value !== 0))).toBe(true);
  });

  it('refuses other files', () => {
    expect(() => readTorchLegacy(Uint8Array.of(0x80, 2, 0x4b, 1, 0x2e))).toThrow('neither');
  });
});
