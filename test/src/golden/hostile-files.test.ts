/** Case 14: malformed .npy, safetensors, PNG and ONNX files, and their harmless controls. */
import { describe, expect, it } from 'vitest';
import { decodeImage, ImageError } from '@deltaspace/daemon';
import { FormatError, readNpy, readSafetensors } from '@deltaspace/models';
import { parseModel } from '@deltaspace/onnx-graph';
import { goldenCase } from './golden-files.js';

const golden = goldenCase('14_hostile_files');

describe.skipIf(golden === null)('case 14: hostile tensor files', () => {
  if (golden === null) return;
  const files = golden.files.filter(({ path }) => /\.(npy|safetensors)$/.test(path));

  it.each(files.map(({ path, expect: verdict, meaning }) => [path, verdict, meaning] as const))(
    '%s: %s (%s)',
    (path, verdict) => {
      const bytes = golden.bytes(path);
      const read = (): unknown => (path.endsWith('.npy') ? readNpy(bytes) : readSafetensors(bytes));
      if (verdict === 'reject') expect(read).toThrow(FormatError);
      else if (verdict?.startsWith('accept') === true && !verdict.includes('reject')) expect(read).not.toThrow();
      else
        try {
          read();
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
    },
  );

  it.each(golden.files.filter(({ path }) => path.endsWith('.png')).map(({ path, meaning }) => [path, meaning]))(
    'refuses the picture %s (%s)',
    async (path) => {
      await expect(decodeImage(golden.bytes(path))).rejects.toBeInstanceOf(ImageError);
    },
  );

  it.each(
    golden.files
      .filter(({ path }) => path.endsWith('.onnx'))
      .map((file) => [file.path, file.expect, file.meaning] as const),
  )('%s: %s (%s)', (path, verdict) => {
    const read = (): unknown => parseModel(golden.bytes(path));
    if (verdict === 'accept') expect(read).not.toThrow();
    else expect(read).toThrow(/^(?!opset)/); // for what is wrong with it, not for its age
  });

  it('reads Fortran order as the same matrix as the control', () => {
    expect(readNpy(golden.bytes('npy_fortran.npy')).data).toEqual(readNpy(golden.bytes('control_ok.npy')).data);
  });
});
