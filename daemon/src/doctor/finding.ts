/**
 * What the doctor found: one line per thing that was looked at, and what to do about it.
 *
 * `broken`: deltaspace cannot do its work, or protects nothing. `warning`: it works, worse than it could.
 */
export type Verdict = 'ok' | 'warning' | 'broken';

export interface Finding {
  /** Stable name for programs: `node`, `provider:cuda`, … */
  readonly name: string;
  readonly verdict: Verdict;
  /** For people: what is, and what to do when it is not well. */
  readonly message: string;
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
}

export function finding(verdict: Verdict, name: string, message: string, facts?: Finding['facts']): Finding {
  return { name, verdict, message, ...(facts === undefined ? {} : { facts }) };
}

/** A failure of the examination itself counts as broken: it is told, never swallowed. */
export async function examine(name: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    return [finding('broken', name, error instanceof Error ? error.message : String(error))];
  }
}

export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
