/**
 * `deltaspace doctor`: what is wrong with this machine, if anything.
 */
import { examineAll, type Finding } from '../../doctor/index.js';
import type { Console } from '../console.js';
import { exitCodes } from '../failure.js';

const marks = { ok: 'ok     ', warning: 'warning', broken: 'BROKEN ' } as const;

/** What the settings say of what is looked at. */
export interface DoctorSubject {
  readonly dataRoot: string;
  readonly ports: readonly number[];
  readonly provider: string | undefined;
}

/** Exit code 1 when something is broken. */
export async function runDoctor({ dataRoot, ports, provider }: DoctorSubject, console: Console): Promise<number> {
  const findings = await examineAll(dataRoot, ports, provider);
  const broken = findings.filter(({ verdict }) => verdict === 'broken').length;
  const lines = findings.map(({ name, verdict, message }: Finding) => `${marks[verdict]}  ${name}: ${message}`);
  const summary = broken === 0 ? 'nothing is broken' : `${broken} broken`;
  console.result({ healthy: broken === 0, data: dataRoot, findings }, [...lines, summary]);
  return broken === 0 ? exitCodes.done : exitCodes.failed;
}
