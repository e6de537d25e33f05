/**
 * A worker process whose engine follows the text: for tests of everything around the engine.
 *
 * Targets are commands. `slow MS` takes that long in stage `work`, looking at the signal every few milliseconds;
 * `crash` kills its own process there, `segfault` too, with another signal; `fail` throws a defect. Any other text inverts
 * the colours of the image. Each edit that begins adds a line with its first target to the file `runs` in the data folder.
 */
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DecoderProcess, EditEngine, PixelImage } from '@deltaspace/daemon';
import { explainFailure, serveWorker } from '@deltaspace/daemon/testing';
import { readNpy, writeNpy, writeSafetensors } from '@deltaspace/models';
import type { Tensor } from '@deltaspace/onnx-graph';

const pack = { id: 'scripted', version: '1.0.0', domain: 'face', resolution: 8, networks: ['double'] };

/** Where to note what runs; known once the worker is configured. */
let runsFile = '';

const engine: EditEngine = {
  packs: () => [pack],
  subjects: ({ width, height }) => ({ separation: 'whole', regions: [{ x: 0, y: 0, width, height }] }),
  async edit(_pack, image, parameters, { progress, signal }) {
    appendFileSync(runsFile, `${parameters.targets[0] ?? ''}\n`);
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
  if (command === 'segfault') process.kill(process.pid, 'SIGSEGV');
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

let decoder: Promise<DecoderProcess> | undefined;
const openDecoder = (): Promise<DecoderProcess> =>
  (decoder ??= import('@deltaspace/daemon').then(
    ({ DecoderProcess, defaultImageLimits }) => new DecoderProcess({ limits: defaultImageLimits }),
  ));

serveWorker(({ blobDirectory }) => {
  runsFile = path.join(blobDirectory, '..', 'runs');
  return Promise.resolve({
    parts: {
      blobDirectory,
      engine,
      codecs: {
        // The image library is large: loaded for the tests that use it.
        decodeFile: async (file) => (await openDecoder()).decode(file),
        encodePng: async (image) => (await import('@deltaspace/daemon')).encodePng(image),
        readNpy,
        writeNpy,
        writeSafetensors,
      },
      explain: explainFailure,
    },
    inventory: { models: [pack], damaged: [] },
  });
});
