/**
 * Which execution providers of onnxruntime work on this machine, found out by trying each in a process of its own: for people who
 * wonder why their GPU is idle, and for the worker before it loads one. Nothing of onnxruntime is loaded here.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface ProviderReport {
  /** As onnxruntime knows it: `cpu`, `cuda`, `webgpu`, … */
  readonly name: string;
  /** Whether its library comes with the npm package. */
  readonly bundled: boolean;
  readonly usable: boolean;
  /** Why it is not usable. */
  readonly reason?: string;
}

/** Runs the probe for one provider, or for the list; resolves with its line, rejects with words. */
export type Probe = (provider?: string, task?: 'compare') => Promise<string>;

/** Milliseconds of the same network on a provider and on the CPU, each with all it has. */
export interface Comparison {
  readonly providerMs: number;
  readonly cpuMs: number;
}

/** Longest wait for one provider: drivers compile shaders, and slow machines load for seconds. */
const probeMs = 30_000;
const reasonCharacters = 400;

/** @throws Error when onnxruntime itself cannot be loaded. */
export async function examineProviders(probe: Probe = runProbe): Promise<ProviderReport[]> {
  const listed = JSON.parse(await probe()) as { providers: { name: string; bundled: boolean }[] };
  return Promise.all(
    listed.providers.map(async ({ name, bundled }) => {
      const reason = await tryProvider(name, probe).then(
        () => undefined,
        (error: Error) => error.message,
      );
      return reason === undefined ? { name, bundled, usable: true } : { name, bundled, usable: false, reason };
    }),
  );
}

/** Resolves when a provider computes what it should. @throws Error with the reason, in one line. */
export async function tryProvider(name: string, probe: Probe = runProbe): Promise<void> {
  await answerOf(probe(name));
}

/** Times a provider against the CPU. @throws Error with the reason why it cannot be used, in one line. */
export async function compareProvider(name: string, probe: Probe = runProbe): Promise<Comparison> {
  const { providerMs, cpuMs } = await answerOf(probe(name, 'compare'));
  if (providerMs === undefined || cpuMs === undefined) throw new Error(`${name} was not timed`);
  return { providerMs, cpuMs };
}

async function answerOf(line: Promise<string>): Promise<Partial<Comparison>> {
  const answer = await line.then(
    (text) => JSON.parse(text) as Partial<Comparison> & { error?: string },
    (error: Error): Partial<Comparison> & { error?: string } => ({ error: error.message }),
  );
  if (answer.error !== undefined) throw new Error(oneLine(answer.error));
  return answer;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, reasonCharacters);
}

function runProbe(...words: readonly (string | undefined)[]): Promise<string> {
  const entry = fileURLToPath(new URL('./provider-probe.js', import.meta.url));
  return new Promise((resolve, reject) => {
    const given = [entry, ...words.filter((word) => word !== undefined)];
    execFile(process.execPath, given, { timeout: probeMs, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.killed === true) reject(new Error(`it did not answer for ${probeMs / 1000} s`));
      else if (typeof error.signal === 'string') reject(new Error(`its process was ended by ${error.signal}`));
      else reject(new Error(stderr.trim().split('\n').at(-1) ?? error.message));
    });
  });
}
