import { describe, expect, it } from 'vitest';
import { findGpus, judgeMemory, judgeNode, judgeProviders } from './machine.js';

describe('the doctor on the machine', () => {
  it.each([
    ['v20.18.3', 'broken'],
    ['v18.20.0', 'broken'],
    ['v20.19.0', 'ok'],
    ['v22.1.0', 'ok'],
  ])('calls Node %s %s', (version, verdict) => {
    expect(judgeNode(version).verdict).toBe(verdict);
  });

  it('warns of little memory', () => {
    expect([judgeMemory(1e8, 1e9).verdict, judgeMemory(1e8, 8e9).verdict]).toEqual(['warning', 'ok']);
  });

  it('calls a CPU that does not compute broken, and names why an accelerator does not', () => {
    const [cpu, cuda] = judgeProviders([
      { name: 'cpu', bundled: true, usable: false, reason: 'illegal instruction' },
      { name: 'cuda', bundled: false, usable: false, reason: 'no driver' },
    ]);
    expect(cpu).toMatchObject({ name: 'provider:cpu', verdict: 'broken' });
    expect(cuda).toMatchObject({ verdict: 'ok', message: expect.stringContaining('no driver (its library') as string });
  });

  it('warns when the provider that the setting asks for cannot be used, or is none of this system', () => {
    const reports = [
      { name: 'cpu', bundled: true, usable: true },
      { name: 'cuda', bundled: false, usable: false, reason: 'no driver' },
    ];
    const verdicts = (wanted: string): string[] => judgeProviders(reports, wanted).map(({ verdict }) => verdict);
    expect([verdicts('auto'), verdicts('cpu')]).toEqual([
      ['ok', 'ok'],
      ['ok', 'ok'],
    ]);
    expect(verdicts('cuda')).toEqual(['ok', 'warning']);
    expect(judgeProviders(reports, 'dml').at(-1)).toMatchObject({
      ...{ name: 'provider:dml', verdict: 'warning' },
      message: expect.stringContaining('no dml for this system') as string,
    });
  });

  it('lists NVIDIA GPUs with their memory, and says so when there is none', async () => {
    const two = 'NVIDIA H100, 81559, 81000, 570.1\nNVIDIA T4, 15360, 100, 570.1\n';
    const found = await findGpus(() => Promise.resolve(two));
    expect(found.map(({ name }) => name)).toEqual(['gpu:0', 'gpu:1']);
    expect(found[1]?.facts).toMatchObject({ name: 'NVIDIA T4', freeBytes: 100 * 2 ** 20 });
    const [none] = await findGpus(() => Promise.reject(new Error('not installed')));
    expect(none).toMatchObject({ name: 'gpu', verdict: 'ok' });
  });
});
