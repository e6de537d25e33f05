import { describe, expect, it } from 'vitest';
import { ProviderChoice, type ProviderStatus, type ProviderTests } from './provider-choice.js';

const small = 2e8;
const large = 2e9;

/** Tests of providers that say what the test wants, and what they were asked. */
function testsOf(answers: Partial<ProviderTests>): ProviderTests & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    attempt: (name) => {
      asked.push(`attempt ${name}`);
      return answers.attempt?.(name) ?? Promise.resolve();
    },
    compare: (name) => {
      asked.push(`compare ${name}`);
      return answers.compare?.(name) ?? Promise.resolve({ providerMs: 1, cpuMs: 10 });
    },
  };
}

describe('ProviderChoice', () => {
  it('takes the CPU when it is asked for, and tries nothing', async () => {
    const tests = testsOf({});
    const choice = new ProviderChoice('cpu', undefined, tests);
    expect(await choice.providerFor(large)).toBe('cpu');
    expect(choice.status).toEqual({ wanted: 'cpu', used: 'cpu', reason: null });
    expect(tests.asked).toEqual([]);
  });

  it('takes what was asked for, for networks of every size, after one trial', async () => {
    const tests = testsOf({});
    const choice = new ProviderChoice('cuda', undefined, tests);
    expect([await choice.providerFor(small), await choice.providerFor(large)]).toEqual(['cuda', 'cuda']);
    expect(choice.status).toEqual({ wanted: 'cuda', used: 'cuda', reason: null });
    expect(tests.asked).toEqual(['attempt cuda']);
  });

  it('falls back to the CPU and says why, before anybody edits', async () => {
    const told: ProviderStatus[] = [];
    const tests = testsOf({ attempt: () => Promise.reject(new Error('no such library')) });
    const choice = new ProviderChoice('cuda', (status) => told.push(status), tests);
    await expect.poll(() => choice.status.used).toBe('cpu');
    expect(told).toEqual([
      { wanted: 'cuda', used: null, reason: null },
      { wanted: 'cuda', used: 'cpu', reason: 'cuda cannot be used: no such library' },
    ]);
    expect(await choice.providerFor(large)).toBe('cpu');
    expect(tests.asked).toEqual(['attempt cuda']);
  });

  it('keeps small networks on the CPU with auto, and asks about a GPU only for a large one', async () => {
    const tests = testsOf({});
    const choice = new ProviderChoice('auto', undefined, tests);
    expect(await choice.providerFor(small)).toBe('cpu');
    expect(tests.asked).toEqual([]);
    expect(choice.status).toEqual({ wanted: 'auto', used: null, reason: null });
    expect(await choice.providerFor(large)).toBe('webgpu');
    expect(await choice.providerFor(small)).toBe('cpu');
    expect(tests.asked).toEqual(['compare webgpu']);
    expect(choice.status).toEqual({ wanted: 'auto', used: 'webgpu', reason: null });
  });

  it('believes no GPU that is slower than the CPU', async () => {
    const tests = testsOf({ compare: () => Promise.resolve({ providerMs: 900, cpuMs: 40 }) });
    const choice = new ProviderChoice('auto', undefined, tests);
    expect(await choice.providerFor(large)).toBe('cpu');
    expect(choice.status.reason).toBe('webgpu cannot be used: convolutions take 900.0 ms on it and 40.0 ms on the CPU');
  });

  it('tells when a network had to leave', async () => {
    const choice = new ProviderChoice('webgpu', undefined, testsOf({}));
    await choice.providerFor(large);
    choice.left('a network of 3.0 MB', 'no such operator');
    expect(choice.status).toEqual({
      wanted: 'webgpu',
      used: 'webgpu',
      reason: 'a network of 3.0 MB runs on the CPU: no such operator',
    });
  });
});
