/**
 * A line of daemon.log for people: time, level, message, then what it is about. Lines of another form are shown as they are.
 */
import { levels } from 'pino';

/** @param line one JSON object as pino writes it. */
export function formatLine(line: string): string {
  const entry = parseLine(line);
  if (entry === undefined) return line;
  const { time, level, msg, err, ...members } = entry;
  const clock = typeof time === 'string' ? time.replace('T', ' ').replace('Z', '') : '';
  const name = (levels.labels[Number(level)] ?? '').toUpperCase().padEnd(5);
  const facts = Object.entries(members).map(([key, value]) => `${key}=${show(value)}`);
  const trace = (err as { stack?: unknown } | undefined)?.stack;
  const head = [clock, name, typeof msg === 'string' ? msg : '', ...facts].filter((part) => part !== '').join(' ');
  return typeof trace === 'string' ? `${head}\n${trace.replace(/^/gm, '    ')}` : head;
}

/** Whether a line is about a job. */
export function isAboutJob(line: string, job: string): boolean {
  return parseLine(line)?.['job'] === job;
}

function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // torn by a full disk, or not ours
  }
}

function show(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
