/** What the report and the command line both tell of an evaluation: rows in order, and how each floor stands. */
import type { EditReport, VariantReport } from './edit-report.js';
import type { FloorResult } from './floors.js';

export interface VariantRow extends VariantReport {
  readonly name: string;
}

/** Not edits, but what they are compared with. */
const ends: readonly string[] = ['nothing', 'ceiling'];

/** The product's edit first, then what else was measured, the ends of the scale last. */
export function variantRows({ methods }: Pick<EditReport, 'methods'>): VariantRow[] {
  const names = Object.keys(methods);
  const product = ['deltaedit', 'delivered'].filter((name) => names.includes(name));
  const others = names.filter((name) => !product.includes(name) && !ends.includes(name));
  const ordered = [...product, ...others, ...ends.filter((name) => names.includes(name))];
  return ordered.map((name) => ({ name, ...(methods[name] as VariantReport) }));
}

/** A floor whose figure is missing, because a method did not run or the pack has none, was not measured. */
export type FloorState = 'reached' | 'missed' | 'not measured';

export function floorState({ value, reached }: FloorResult): FloorState {
  if (Number.isNaN(value)) return 'not measured';
  return reached ? 'reached' : 'missed';
}

/** How many floors are in each state, in words. */
export function floorSummary(floors: readonly FloorResult[]): string {
  const count = (state: FloorState): number => floors.filter((floor) => floorState(floor) === state).length;
  const rest = (['missed', 'not measured'] as const).filter((state) => count(state) > 0);
  const tail = rest.map((state) => `, ${count(state)} ${state}`).join('');
  return `${count('reached')} of ${floors.length} reached${tail}`;
}
