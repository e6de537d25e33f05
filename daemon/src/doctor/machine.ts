/** Node, memory and GPUs of the machine. What they say comes in as arguments. */
import { execFile } from 'node:child_process';
import { freemem, totalmem } from 'node:os';
import type { ProviderReport } from '../runtime/execution-providers.js';
import { finding, gigabytes, type Finding } from './finding.js';

/** The floor of package.json's `engines`. */
const oldestNode = [20, 19] as const;
/** An edit at 128 px needs half of this with everything loaded. */
const comfortableMemoryBytes = 2e9;

export function judgeNode(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const isOldEnough = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  if (isOldEnough) return finding('ok', 'node', `Node ${version}`, { version });
  return finding('broken', 'node', `Node ${version} is too old; install ${oldestNode.join('.')} or newer`, { version });
}

export function judgeMemory(freeBytes = freemem(), totalBytes = totalmem()): Finding {
  const facts = { freeBytes, totalBytes };
  const words = `${gigabytes(freeBytes)} of ${gigabytes(totalBytes)} memory free`;
  if (totalBytes >= comfortableMemoryBytes) return finding('ok', 'memory', words, facts);
  return finding('warning', 'memory', `${words}; large layers may fail`, facts);
}

/** The CPU must work, and what the setting asks for should; the others are worth a word each. */
export function judgeProviders(providers: readonly ProviderReport[], wanted = 'auto'): Finding[] {
  const findings = providers.map(({ name, bundled, usable, reason = '' }) => {
    const facts = { bundled, usable };
    const title = `provider:${name}`;
    if (usable) return finding('ok', title, `onnxruntime can compute on ${name}`, facts);
    const why = bundled ? reason : `${reason} (its library does not come with onnxruntime-node)`;
    const words = `not usable: ${name}: ${why}`;
    if (name === 'cpu') return finding('broken', title, words, facts);
    if (name === wanted)
      return finding('warning', title, `${words}; the setting asks for it, networks run on the CPU`, facts);
    return finding('ok', title, words, facts);
  });
  if (wanted === 'auto' || providers.some(({ name }) => name === wanted)) return findings;
  const words = `onnxruntime has no ${wanted} for this system; the setting asks for it, networks run on the CPU`;
  return [...findings, finding('warning', `provider:${wanted}`, words)];
}

/** NVIDIA's own tool; others have none that is everywhere. */
export async function findGpus(query: () => Promise<string> = queryNvidia): Promise<Finding[]> {
  const text = await query().catch(() => undefined); // No such tool: no such GPU, or no driver.
  const lines = text?.trim().split('\n').filter(Boolean) ?? [];
  if (lines.length === 0) return [finding('ok', 'gpu', 'no NVIDIA GPU with a driver; networks run on the CPU')];
  return lines.map((line, index) => {
    const [name = '?', totalMiB = '0', freeMiB = '0', driver = '?'] = line.split(',').map((cell) => cell.trim());
    const [totalBytes, freeBytes] = [Number(totalMiB) * 2 ** 20, Number(freeMiB) * 2 ** 20];
    const words = `${name}: ${gigabytes(freeBytes)} of ${gigabytes(totalBytes)} memory free, driver ${driver}`;
    return finding('ok', `gpu:${index}`, words, { name, totalBytes, freeBytes, driver });
  });
}

const queryMs = 10_000;

function queryNvidia(): Promise<string> {
  const wanted = ['--query-gpu=name,memory.total,memory.free,driver_version', '--format=csv,noheader,nounits'];
  return new Promise((resolve, reject) => {
    execFile('nvidia-smi', wanted, { timeout: queryMs }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(new Error(error.message, { cause: error }));
    });
  });
}
