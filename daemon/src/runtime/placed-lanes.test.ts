import type { Tensor } from '@deltaspace/onnx-graph';
import { describe, expect, it } from 'vitest';
import { RuntimeError, type RuntimeErrorCode } from './errors.js';
import type { Lanes } from './lanes.js';
import { placeNetworks } from './placed-lanes.js';
import { ProviderChoice } from './provider-choice.js';

const tensor = (...values: number[]): Tensor => ({
  dtype: 'float32',
  shape: [values.length],
  data: Float32Array.from(values),
});
const failure = (code: RuntimeErrorCode): RuntimeError => new RuntimeError(code, `as the test wants: ${code}`);

interface Scripted extends Lanes {
  readonly opened: Uint8Array[];
  closed: number;
}

/** Lanes whose networks answer with `run`. */
function lanesThat(run: () => Tensor, open: () => void = () => undefined): Scripted {
  const lanes: Scripted = {
    opened: [],
    closed: 0,
    open: (model) => {
      lanes.opened.push(model);
      return Promise.resolve()
        .then(open)
        .then(() => ({
          inputs: [],
          outputs: [],
          run: () => Promise.resolve().then(() => ({ y: run() })),
          dispose: () => Promise.resolve(void lanes.closed++),
        }));
    },
    isStuck: () => false,
    dispose: () => Promise.resolve(),
  };
  return lanes;
}

function placed(other: Scripted) {
  const cpu = lanesThat(() => tensor(1));
  const tests = { attempt: () => Promise.resolve(), compare: () => Promise.resolve({ providerMs: 1, cpuMs: 2 }) };
  const choice = new ProviderChoice('webgpu', undefined, tests);
  return { cpu, choice, lanes: placeNetworks(cpu, choice, () => other) };
}
const model = Uint8Array.of(1, 2, 3);
const x = tensor(0);

describe('placeNetworks', () => {
  it('runs networks on the chosen provider and leaves the CPU alone', async () => {
    const other = lanesThat(() => tensor(2));
    const { cpu, choice, lanes } = placed(other);
    const runner = await lanes.open(model);
    expect(await runner.run({ x })).toEqual({ y: tensor(2) });
    await runner.dispose();
    expect([cpu.opened.length, other.closed, choice.status.reason]).toEqual([0, 1, null]);
  });

  it.each([
    [
      'refuses them',
      () => tensor(2),
      () => {
        throw failure('runtime/model-rejected');
      },
      'model-rejected',
    ],
    [
      'fails to run them',
      () => {
        throw failure('runtime/run-failed');
      },
      undefined,
      'run-failed',
    ],
    ['answers with no numbers', () => tensor(2, Number.NaN), undefined, 'not finite'],
    ['answers with infinities', () => tensor(-Infinity), undefined, 'not finite'],
  ] as [string, () => Tensor, (() => void) | undefined, string][])(
    'opens networks on the CPU when the provider %s, and says so',
    async (_how, run, open, reason) => {
      const { cpu, choice, lanes } = placed(lanesThat(run, open));
      const runner = await lanes.open(model);
      const results = await Promise.all([runner.run({ x }), runner.run({ x }), runner.run({ x })]);
      expect(results).toEqual([{ y: tensor(1) }, { y: tensor(1) }, { y: tensor(1) }]);
      expect(await runner.run({ x })).toEqual({ y: tensor(1) });
      expect(cpu.opened).toEqual([model]); // once, with all its bytes
      expect(choice.status.reason).toMatch(/a network of 0\.0 MB runs on the CPU: .*/);
      expect(choice.status.reason).toContain(reason);
      await runner.dispose();
      expect(cpu.closed).toBe(1);
    },
  );

  it('does not blame the provider for feeds that are not finite themselves', async () => {
    const { cpu, lanes } = placed(lanesThat(() => tensor(Number.NaN)));
    const runner = await lanes.open(model);
    expect((await runner.run({ x: tensor(Number.NaN) }))['y']?.data[0]).toBeNaN();
    expect(cpu.opened).toEqual([]);
  });

  it('does not blame the provider for feeds of a wrong shape', async () => {
    const { cpu, lanes } = placed(
      lanesThat(() => {
        throw failure('runtime/input-rejected');
      }),
    );
    const runner = await lanes.open(model);
    await expect(runner.run({ x })).rejects.toMatchObject({ code: 'runtime/input-rejected' });
    expect(cpu.opened).toEqual([]);
  });

  it('keeps small networks where they are with auto', async () => {
    const [cpu, other] = [lanesThat(() => tensor(1)), lanesThat(() => tensor(2))];
    const tests = { attempt: () => Promise.resolve(), compare: () => Promise.resolve({ providerMs: 1, cpuMs: 2 }) };
    const lanes = placeNetworks(cpu, new ProviderChoice('auto', undefined, tests), () => other);
    expect(await (await lanes.open(model, 3e8)).run({ x })).toEqual({ y: tensor(1) });
    expect(await (await lanes.open(model, 3e9)).run({ x })).toEqual({ y: tensor(2) });
  });
});
