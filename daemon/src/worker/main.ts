/**
 * The worker process: the only one that computes. Wires the engine to the runtime and to the image and tensor files.
 */
import { packFolders, readNpy, readSafetensors, writeNpy, writeSafetensors } from '@deltaspace/models';
import { protocolLimits } from '@deltaspace/shared-protocol';
import { createEngine } from '../deltaedit/engine.js';
import { DecoderProcess } from '../decoder/index.js';
import { defaultImageLimits, encodePng, loadSharp, type PixelImage } from '../imaging/index.js';
import { createLanes } from '../runtime/index.js';
import { callLater } from './call-later.js';
import { explainFailure } from './explain.js';
import { explainMissingPack, loadPacks } from './load-packs.js';
import { serveWorker } from './serve.js';
import { TensorFiles } from './tensor-files.js';

const imageLimits = {
  ...defaultImageLimits,
  maxBytes: protocolLimits.blobBytes,
  maxPixels: protocolLimits.imagePixels,
  maxSide: protocolLimits.imageSide,
};

const lanes = createLanes();
let store: TensorFiles | undefined;
const decoder = new DecoderProcess({ limits: imageLimits });

/** Who sends a file wants one back: what writes it is loaded while the decoder works. */
function decodeFile(file: string): Promise<PixelImage> {
  void loadSharp();
  return decoder.decode(file);
}

serveWorker(
  async ({ blobDirectory, packsDirectory, cacheDirectory, cacheBytes, models, expectsFiles }, tellLoaded) => {
    if (expectsFiles) decoder.start();
    store ??= new TensorFiles(cacheDirectory, {
      limitBytes: cacheBytes,
      after: callLater,
      encode: (tensors) => writeSafetensors(tensors),
      decode: (bytes) => readSafetensors(bytes).tensors,
    });
    const directories = [...(await packFolders()), ...(await packFolders(packsDirectory))];
    const { engine, inventory } = await loadPacks(directories, (chosen) =>
      createEngine(
        [...chosen],
        (bytes) => lanes.open(bytes),
        { ...models, after: callLater, changed: tellLoaded },
        store,
      ),
    );
    return {
      parts: {
        blobDirectory,
        engine,
        codecs: { decodeFile, encodePng, readNpy, writeNpy, writeSafetensors },
        explain: (thrown) => {
          const known = explainFailure(thrown);
          return known && explainMissingPack(known, inventory.damaged);
        },
      },
      inventory,
    };
  },
  () => lanes.isStuck(),
);
