/** Case 11: lines and arcs between codes, style mixing through W+ and through S, attribute interpolation, heat map. */
import { describe, expect, it } from 'vitest';
import { differenceMap, lerp, mixRows, pictureOf, slerp } from '@deltaspace/daemon';
import { styleLayout } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';
import { goldenGenerator, imageRows, stackRows } from './generator-case.js';
import { floats, goldenCase, maxAbsDifference, numbersInMeaning, rows } from './golden-files.js';

const golden = goldenCase('11_interpolation');
const generatorCase = goldenCase('01_stylegan2');

describe.skipIf(golden === null)('case 11: interpolation', () => {
  if (golden === null) return;
  const { t, situations } = golden.config as { t: number[]; situations: string[] };
  const tolerance = golden.tolerance as { lerp: number; slerp: number; slerp_nearly_opposite: string };
  const row = (file: string, index: number): Float32Array => floats(rows(golden.npy(file), index, index + 1));
  /** Codes at all weights, one behind the other, and what the reference has there. */
  const along = (between: typeof lerp, index: number): Float32Array =>
    floats(stackRows(t.map((weight) => between(row('vec_a.npy', index), row('vec_b.npy', index), weight))));

  it.each(situations.map((name, index) => [name, index] as const))('goes straight, vectors %s', (_, index) => {
    expect(maxAbsDifference(along(lerp, index), row('lerp.npy', index))).toBeLessThan(tolerance.lerp);
  });

  it.each(situations.map((name, index) => [name, index] as const))('goes along the arc, vectors %s', (name, index) => {
    const arc = along(slerp, index);
    const expected = row('slerp.npy', index);
    if (name.includes('exactly_opposite')) {
      expect(arc).toEqual(along(lerp, index));
      expect(maxAbsDifference(arc, expected)).toBeLessThan(tolerance.lerp);
    } else if (name.includes('nearly_opposite')) {
      const relative = Number(/relative ([\d.e-]+)/.exec(tolerance.slerp_nearly_opposite)?.[1]);
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(maxAbsDifference(arc, expected)).toBeLessThan(relative * largest);
    } else expect(maxAbsDifference(arc, expected)).toBeLessThan(tolerance.slerp);
  });

  it('takes the angle of whole noise maps', () => {
    const [first, second] = [row('xt_pair.npy', 0), row('xt_pair.npy', 1)];
    t.forEach((weight, i) => {
      expect(maxAbsDifference(slerp(first, second, weight), row('xt_slerp.npy', i))).toBeLessThan(tolerance.slerp);
    });
  });

  it('goes from attribute A to attribute B', () => {
    const [a, b] = [floats(golden.npy('attr_s_hat_a.npy')), floats(golden.npy('attr_s_hat_b.npy'))];
    (golden.config['omega'] as number[]).forEach((weight, i) => {
      expect(maxAbsDifference(lerp(a, b, weight), row('attr_s.npy', i))).toBeLessThan(tolerance.lerp);
    });
  });
});

describe.skipIf(golden === null || generatorCase === null)('case 11 with the generator of case 01', () => {
  if (golden === null || generatorCase === null) return;
  const { mixing_k: cuts, image_row_step: step } = golden.config as { mixing_k: number[]; image_row_step: number };
  const tolerance = golden.tolerance as { lerp: number; image: number };
  const generator = goldenGenerator(generatorCase);
  const { size } = generator.config;
  const layout = styleLayout(generator.config);
  const sample = (file: string, index: number): Tensor => rows(generatorCase.npy(file), index, index + 1);
  const mixed = cuts.map((cut) =>
    mixRows(floats(sample('wplus.npy', 0)), floats(sample('wplus.npy', 1)), layout.rows, cut),
  );
  const images = (file: string): Float32Array => floats(golden.npy(file));

  it('mixes W+ from a row on', () => {
    expect(maxAbsDifference(floats(stackRows(mixed)), images('mix_wplus.npy'))).toBe(0);
  });

  it('decodes mixed W+ with the toRGB styles of the mixture', async () => {
    const wPlus = { ...stackRows(mixed), shape: [cuts.length, layout.rows, generator.config.styleDim] };
    const { s, rgb } = await generator.stylesOf(wPlus);
    const decoded = imageRows(await generator.decode(s, rgb), size, step);
    expect(maxAbsDifference(decoded, images('mix_images.npy'))).toBeLessThan(tolerance.image);
  });

  it('decodes mixed S with the toRGB styles of the content, which is another picture', async () => {
    const file = 'mix_fine_group_s_image.npy';
    const [from = NaN] = numbersInMeaning(golden, file, /layers >= (\d+)/);
    const s = floats(sample('s.npy', 0)).slice();
    const start = layout.styleSlots[from]?.offset ?? NaN;
    s.set(floats(sample('s.npy', 1)).subarray(start), start);
    const decoded = imageRows(await generator.decode(stackRows([s]), sample('rgb_styles.npy', 0)), size, step);
    expect(maxAbsDifference(decoded, images(file))).toBeLessThan(tolerance.image);
    const throughWPlus = cuts.indexOf(from);
    if (throughWPlus < 0) return;
    const other = floats(rows(golden.npy('mix_images.npy'), throughWPlus, throughWPlus + 1));
    expect(maxAbsDifference(decoded, other)).toBeGreaterThan(tolerance.image);
  });

  it('decodes codes between two attributes with the toRGB styles of the layer', async () => {
    const codes = golden.npy('attr_s.npy');
    const [source = NaN] = numbersInMeaning(golden, 'attr_images.npy', /toRGB styles from W\+ row (\d+)/);
    const { rgb } = await generator.stylesOf(sample('wplus.npy', source));
    const repeated = stackRows(Array.from({ length: codes.shape[0] as number }, () => floats(rgb)));
    const decoded = imageRows(await generator.decode(codes, repeated), size, step);
    expect(maxAbsDifference(decoded, images('attr_images.npy'))).toBeLessThan(tolerance.image);
  });

  it('measures for the heat map how far two pictures are apart', () => {
    const [first, second] = numbersInMeaning(golden, 'heat_map.npy', /images (\d+) and (\d+)/);
    const planes = [first, second].map((index) => floats(sample('image_from_wplus.npy', index ?? NaN)));
    const [a, b] = planes.map((image) => pictureOf(image, size));
    const shown = differenceMap(a!, b!);
    const expected = images('heat_map.npy');
    expect(shown).toHaveLength(expected.length);
    // The reference may have rounded before its picture became float32: a value on the border of two bytes can go either way.
    const onBorder = (value: number): boolean => Math.abs((((value + 1) * 127.5) % 1) - 0.5) < 1e-4;
    for (let i = 0; i < size * size; i++) {
      const undecided = planes.flatMap((image) => [0, 1, 2].map((c) => image[c * size * size + i]!)).filter(onBorder);
      // Thirds of whole numbers in float32, plus one level in three for every value on the border.
      expect(Math.abs(shown[i]! - expected[i]!)).toBeLessThan(1e-4 + undecided.length / 3);
    }
  });
});
