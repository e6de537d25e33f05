/**
 * Amounts as people write them in settings: `512 MiB`, `4 GB`, `10 min`. They stay texts until a daemon is made, so that
 * `config show` prints what was written.
 */
import * as z from 'zod';

const byteUnits: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  TB: 1000 ** 4,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};
const timeUnits: Readonly<Record<string, number>> = { s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** Bytes of a text such as `512 MiB`, rounded; undefined when it is no such text. */
export const bytesOf = (text: string): number | undefined => amountOf(text, byteUnits);

/** Milliseconds of a text such as `10 min`; undefined when it is no such text. */
export const durationMsOf = (text: string): number | undefined => amountOf(text, timeUnits);

/** A size as a text, within bounds in bytes. */
export const sizeSchema = (minimum: string, maximum: string): z.ZodType<string> =>
  quantitySchema(bytesOf, minimum, maximum, `expected a size such as "${minimum}", in ${unitsOf(byteUnits)}`);

/** A duration as a text, within bounds. */
export const durationSchema = (minimum: string, maximum: string): z.ZodType<string> =>
  quantitySchema(durationMsOf, minimum, maximum, `expected a time such as "${maximum}", in ${unitsOf(timeUnits)}`);

const quantity = /^(\d{1,9}(?:\.\d{1,6})?) ?([A-Za-z]{1,3})$/;

function amountOf(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, number, unit] = quantity.exec(text) ?? [];
  const factor = unit !== undefined && Object.hasOwn(units, unit) ? units[unit] : undefined;
  return factor === undefined ? undefined : Math.round(Number(number) * factor);
}

function quantitySchema(
  read: (text: string) => number | undefined,
  minimum: string,
  maximum: string,
  expected: string,
): z.ZodType<string> {
  const [least, most] = [read(minimum) as number, read(maximum) as number];
  return z
    .string()
    .refine((text) => read(text) !== undefined, { message: expected, abort: true })
    .refine(
      (text) => (read(text) as number) >= least && (read(text) as number) <= most,
      `expected ${minimum} to ${maximum}`,
    );
}

const unitsOf = (units: Readonly<Record<string, number>>): string => Object.keys(units).join(', ');
