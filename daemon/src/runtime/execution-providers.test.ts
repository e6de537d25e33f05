import { describe, expect, it } from 'vitest';
import { compareProvider, examineProviders, tryProvider, type Probe } from './execution-providers.js';

const listed = JSON.stringify({
  providers: ['cpu', 'cuda', 'webgpu'].map((name) => ({ name, bundled: name !== 'cuda' })),
});

describe('examineProviders', () => {
  it('tells which work and why the others do not, also when trying one ends its process', async () => {
    const probe: Probe = (provider) => {
      if (provider === undefined) return Promise.resolve(listed);
      if (provider === 'webgpu') return Promise.reject(new Error('its process was ended by SIGSEGV'));
      return Promise.resolve(JSON.stringify(provider === 'cpu' ? {} : { error: 'cannot open\n  libcudart.so' }));
    };
    expect(await examineProviders(probe)).toEqual([
      { name: 'cpu', bundled: true, usable: true },
      { name: 'cuda', bundled: false, usable: false, reason: 'cannot open libcudart.so' },
      { name: 'webgpu', bundled: true, usable: false, reason: 'its process was ended by SIGSEGV' },
    ]);
  });

  it('throws when onnxruntime cannot be asked at all', async () => {
    await expect(examineProviders(() => Promise.reject(new Error('no such module')))).rejects.toThrow('no such module');
  });
});

describe('tryProvider and compareProvider', () => {
  const answering =
    (line: object): Probe =>
    (provider, task) =>
      Promise.resolve(JSON.stringify({ asked: [provider, task], ...line }));

  it('pass on why a provider does not work', async () => {
    const broken = answering({ error: 'no\n  device' });
    await expect(tryProvider('webgpu', broken)).rejects.toThrow(/^no device$/);
    await expect(compareProvider('webgpu', broken)).rejects.toThrow(/^no device$/);
    await expect(tryProvider('webgpu', answering({}))).resolves.toBeUndefined();
  });

  it('pass on the times, and do not believe that none are times', async () => {
    expect(await compareProvider('webgpu', answering({ providerMs: 3, cpuMs: 4 }))).toEqual({
      providerMs: 3,
      cpuMs: 4,
    });
    await expect(compareProvider('webgpu', answering({}))).rejects.toThrow('webgpu was not timed');
  });
});
