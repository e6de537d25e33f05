/**
 * The metrics of a run as JSON lines (`metrics.jsonl`): one object per logged step, appended, readable while it grows.
 */

import { appendFile, readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../files/atomic-file.js';

/** One line: means over the steps since the previous line. */
export interface MetricsRecord {
  readonly step: number;
  readonly elapsedSeconds: number;
  readonly learningRate: number;
  readonly imagesPerSecond: number;
  readonly gflopsPerSecond: number;
  /** Means by metric name; always has `loss`. */
  readonly metrics: Readonly<Record<string, number>>;
}

export class MetricsLog {
  private constructor(
    readonly path: string,
    readonly records: MetricsRecord[],
  ) {}

  /**
   * Opens the log for a run that continues after `step`: later lines, and a line cut short by a crash, are removed,
   * because the run will write them again.
   */
  static async open(path: string, step: number): Promise<MetricsLog> {
    const records = (await readRecords(path)).filter((record) => record.step <= step);
    await writeFileAtomically(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    return new MetricsLog(path, records);
  }

  async append(record: MetricsRecord): Promise<void> {
    this.records.push(record);
    await appendFile(this.path, `${JSON.stringify(record)}\n`);
  }
}

async function readRecords(path: string): Promise<MetricsRecord[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as MetricsRecord];
    } catch {
      return []; // the empty last line, or one that was being written when the process died
    }
  });
}
