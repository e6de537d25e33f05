/**
 * Which execution providers of onnxruntime work on this machine, found out by trying each in a process of its own.
 *
 * For people who wonder why their GPU is idle. Nothing of onnxruntime is loaded here.
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
export type Probe = (provider?: string) => Promise<string>;

/** Longest wait for one provider: drivers compile shaders, and slow machines load for seconds. */
const probeMs = 30_000;
const reasonCharacters = 400;

/** @throws Error when onnxruntime itself cannot be loaded. */
export async function examineProviders(probe: Probe = runProbe): Promise<ProviderReport[]> {
  const listed = JSON.parse(await probe()) as { providers: { name: string; bundled: boolean }[] };
  return Promise.all(
    listed.providers.map(async ({ name, bundled }) => {
      const reason = await probe(name).then(
        (line) => (JSON.parse(line) as { error?: string }).error,
        (error: Error) => error.message,
      );
      if (reason === undefined) return { name, bundled, usable: true };
      return { name, bundled, usable: false, reason: oneLine(reason) };
    }),
  );
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, reasonCharacters);
}

function runProbe(provider?: string): Promise<string> {
  const entry = fileURLToPath(new URL('./provider-probe.js', import.meta.url));
  return new Promise((resolve, reject) => {
    const given = provider === undefined ? [entry] : [entry, provider];
    execFile(process.execPath, given, { timeout: probeMs, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.killed === true) reject(new Error(`it did not answer for ${probeMs / 1000} s`));
      else if (typeof error.signal === 'string') reject(new Error(`its process was ended by ${error.signal}`));
      else reject(new Error(stderr.trim().split('\n').at(-1) ?? error.message));
    });
  });
}
