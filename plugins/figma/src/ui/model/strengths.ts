/** The strengths of a variations grid as people type them: `0.5, 1, 1.5`. Pure. */
import { bridgeLimits } from '../../bridge/index.js';

/** What the daemon takes. */
const range = { minimum: -10, maximum: 10 } as const;
/** Columns of one board: more is no longer looked at side by side. */
export const mostStrengths = 8;

export type StrengthsReading =
  { readonly ok: true; readonly strengths: readonly number[] } | { readonly ok: false; readonly problem: string };

/** Reads a list with commas, semicolons or blanks between; the proper minus sign is one, too. Equal ones count once. */
export function readStrengths(typed: string): StrengthsReading {
  const words = typed
    .replace(/−/g, '-')
    .split(/[\s,;]+/)
    .filter((word) => word !== '');
  const numbers = words.map((word) => (/^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(word) ? Number(word) : Number.NaN));
  const wrong = words.find((_, index) => !isStrength(numbers[index]));
  if (wrong !== undefined) return no(`“${wrong}” is no strength. Give numbers from −10 to 10, with commas between.`);
  const strengths = [...new Set(numbers)];
  if (strengths.length === 0) return no('Give at least one strength, such as 1.');
  if (strengths.length > mostStrengths) return no(`Give at most ${mostStrengths} strengths.`);
  return { ok: true, strengths };
}

/** What the field holds at first: around the pack's own strength. */
export function usualStrengths(initial: number): string {
  return [0.5, 1, 1.5].map((factor) => String(Math.round(initial * factor * 10) / 10)).join(', ');
}

/** Why a grid is too large for one board; undefined when it fits. */
export function gridProblem(rows: number, columns: number): string | undefined {
  const cells = rows * columns;
  if (cells <= bridgeLimits.boardCells) return undefined;
  return `${rows} × ${columns} are ${cells} pictures; a board holds ${bridgeLimits.boardCells}.`;
}

const isStrength = (value: number | undefined): boolean =>
  value !== undefined && value >= range.minimum && value <= range.maximum;

const no = (problem: string): StrengthsReading => ({ ok: false, problem });
