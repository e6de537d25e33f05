/**
 * A worker process whose engine follows the text: for tests of everything around the engine.
 *
 * Targets are commands. `slow MS` takes that long in stage `work`, looking at the signal every few milliseconds;
 * `crash` kills its own process there; `fail` throws a defect. Any other text inverts the colours of the image.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  DecoderProcess,
  defaultImageLimits,
  encodePng,
  explainFailure,
  serveWorker,
  type EditEngine,
  type PixelImage,
} from '@deltaspace/daemon';
import { readNpy, writeNpy, writeSafetensors } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';

const pack = { id: 'scripted', version: '1.0.0', domain: 'face', resolution: 8, networks: ['double'] };

const engine: EditEngine = {
  packs: () => [pack],
  async edit(_pack, image, parameters, { progress, signal }) {
    progress('work', 0.1);
    for (const target of parameters.targets) await obey(target, signal, (fraction) => progress('work', fraction));
    signal.throwIfAborted();
    progress('compose', 0.9);
    const outputs = parameters.targets.map((target) => ({
      target,
      source: parameters.source?.kind === 'text' ? parameters.source.text : pack.domain,
      image: invertColours(image),
      ...(parameters.heatmap === true ? { heatmap: image } : {}),
      strength: parameters.strength ?? 1,
      threshold: parameters.threshold ?? 0.1,
      channelsKept: 3,
      reach: 1,
      styleChange: 1,
      alignment: 1,
      warnings: [],
      unknownWords: target.split(' ').filter((word) => word === 'xyzzy'),
    }));
    return { pack: pack.id, outputs, timingsMs: { work: 1 } };
  },
  interpolate: (_pack, image, { steps }) => {
    const frames = Array.from({ length: steps }, (_, i) => ({ weight: i / (steps - 1), image }));
    return Promise.resolve({ pack: pack.id, frames, unknownWords: [], timingsMs: {} });
  },
  mix: (_pack, content, _style, { fromLayer = 1 }) =>
    Promise.resolve({ pack: pack.id, image: content, fromLayer, layers: 2, timingsMs: {} }),
  invert: (_pack, image) => {
    const latent = new Map<string, Tensor>([['s', { dtype: 'float32', shape: [1, 2], data: Float32Array.of(1, 2) }]]);
    return Promise.resolve({ pack: pack.id, latent, reconstruction: image, timingsMs: {} });
  },
  runNetwork: (_pack, _network, inputs) => {
    const doubled = [...inputs].map(([name, tensor]): [string, Tensor] => [
      name,
      { ...tensor, data: (tensor.data as Float32Array).map((value) => value * 2) },
    ]);
    return Promise.resolve(new Map(doubled));
  },
  dispose: () => Promise.resolve(),
};

async function obey(target: string, signal: AbortSignal, report: (fraction: number) => void): Promise<void> {
  const [command, argument] = target.split(' ');
  if (command === 'crash') process.kill(process.pid, 'SIGKILL');
  if (command === 'fail') throw new TypeError('a defect with secrets in its text');
  if (command !== 'slow') return;
  const end = performance.now() + Number(argument);
  while (performance.now() < end) {
    signal.throwIfAborted();
    report(0.5);
    await delay(5);
  }
}

function invertColours(image: PixelImage): PixelImage {
  return { ...image, data: image.data.map((value, index) => (index % 4 === 3 ? value : 255 - value)) };
}

const decoder = new DecoderProcess({ limits: defaultImageLimits });

serveWorker(({ blobDirectory }) =>
  Promise.resolve({
    parts: {
      blobDirectory,
      engine,
      codecs: { decodeFile: (file) => decoder.decode(file), encodePng, readNpy, writeNpy, writeSafetensors },
      explain: explainFailure,
    },
    inventory: { models: [pack], damaged: [] },
  }),
);
