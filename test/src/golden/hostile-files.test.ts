/**
 * Case 14: malformed files and their harmless controls. Every file meets every reader that the product has, under whatever name
 * it comes: the one it is meant for refuses it for what is wrong with it, the others for not being theirs.
 */
import { describe, expect, it } from 'vitest';
import { decodeImage, ImageError } from '@deltaspace/daemon';
import { FormatError, readNpy, readSafetensors } from '@deltaspace/models';
import { ModelError, parseModel } from '@deltaspace/onnx-graph';
import { goldenCase } from './golden-files.js';

const golden = goldenCase('14_hostile_files');

/** Why each file is refused; of those that are not listed, the manifest says that they may be read. */
const reasons: Readonly<Record<string, string>> = {
  'npy_absurd_shape.npy': 'format/too-large',
  'npy_shape_overflow.npy': 'format/too-large',
  'npy_object.npy': 'format/unsupported-dtype',
  'npy_header_expression.npy': 'format/bad-header',
  'npy_negative_shape.npy': 'format/bad-header',
  'npy_header_length.npy': 'format/too-large',
  'npy_truncated.npy': 'format/truncated',
  'npy_unknown_dtype.npy': 'format/unsupported-dtype',
  'npy_bad_magic_version.npy': 'format/unsupported-version',
  'npy_big_endian.npy': 'format/unsupported-dtype',
  'st_overlap.safetensors': 'format/inconsistent',
  'st_out_of_range.safetensors': 'format/truncated',
  'st_begin_after_end.safetensors': 'format/inconsistent',
  'st_size_mismatch.safetensors': 'format/inconsistent',
  'st_header_huge.safetensors': 'format/too-large',
  'st_not_json.safetensors': 'format/bad-header',
  'st_duplicate_key.safetensors': 'format/inconsistent',
  'st_float_offsets.safetensors': 'format/bad-header',
  'st_unknown_dtype.safetensors': 'format/unsupported-dtype',
  'onnx_external_traversal.onnx': 'model/external-data',
  'onnx_external_absolute.onnx': 'model/external-data',
  'onnx_external_url.onnx': 'model/external-data',
  'onnx_external_backslash.onnx': 'model/external-data',
  'onnx_custom_domain_op.onnx': 'model/unsupported',
  'onnx_dims_overflow.onnx': 'model/too-large',
  'onnx_negative_dim.onnx': 'model/inconsistent',
  'onnx_truncated.onnx': 'model/damaged',
  'onnx_cycle.onnx': 'model/inconsistent',
  'png_huge_dimensions.png': 'image_too_large',
  'png_truncated.png': 'image_damaged',
};

const readers: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  npy: readNpy,
  safetensors: readSafetensors,
  onnx: parseModel,
  png: decodeImage,
};

/** The stable code of the refusal, or `read`. Anything but a coded refusal is a defect and thrown. */
async function answerOf(reader: string, bytes: Uint8Array): Promise<string> {
  try {
    await readers[reader]?.(bytes);
    return 'read';
  } catch (error) {
    if (error instanceof FormatError || error instanceof ModelError || error instanceof ImageError) {
      expect(error.message).not.toBe('');
      return error.code;
    }
    throw error;
  }
}

const kindOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

describe.skipIf(golden === null)('case 14: hostile files (skipped without the fixtures: see CONTRIBUTING.md)', () => {
  if (golden === null) return;
  const own = golden.files.filter(({ path }) => kindOf(path) in readers);
  const foreign = golden.files.filter(({ path }) => !(kindOf(path) in readers));

  it.each(own.map(({ path, expect: verdict, meaning }) => [path, reasons[path] ?? 'read', verdict, meaning] as const))(
    '%s: %s (%s: %s)',
    async (path, expected, verdict) => {
      expect(await answerOf(kindOf(path), golden.bytes(path))).toBe(expected);
      if (verdict === 'reject') expect(expected).not.toBe('read');
      if (verdict === 'accept') expect(expected).toBe('read');
    },
  );

  it('holds all files that a reason is known for, and pickles', () => {
    expect(own.map(({ path }) => path)).toEqual(expect.arrayContaining(Object.keys(reasons)));
    expect(foreign.map(({ path }) => kindOf(path))).toEqual(expect.arrayContaining(['pt', 'pkl']));
  });

  it.each(foreign.map(({ path, meaning }) => [path, meaning]))(
    '%s is read by no reader of the product (%s)',
    async (path) => {
      const bytes = golden.bytes(path);
      for (const reader of Object.keys(readers)) expect([reader, await answerOf(reader, bytes)]).not.toContain('read');
    },
  );

  it.each(own.map(({ path }) => [path]))('%s is not taken for a file of another kind', async (path) => {
    const bytes = golden.bytes(path);
    for (const reader of Object.keys(readers).filter((name) => name !== kindOf(path)))
      expect([reader, await answerOf(reader, bytes)]).not.toContain('read');
  });

  it('reads Fortran order as the same matrix as the control', () => {
    expect(readNpy(golden.bytes('npy_fortran.npy')).data).toEqual(readNpy(golden.bytes('control_ok.npy')).data);
  });

  it('gives new objects no property of a file', () => {
    readSafetensors(golden.bytes('st_proto_key.safetensors'));
    expect(Object.keys(Object.getPrototypeOf({}) as object)).toEqual([]);
  });
});
