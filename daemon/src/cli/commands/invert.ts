/**
 * `deltaspace invert`: an image into the latent space of a pack's generator, as a safetensors file.
 */
import type { Console } from '../console.js';
import { withDaemon } from '../daemon-connection.js';
import { usageError } from '../failure.js';
import { readInput, writeOutput } from '../files.js';
import { keepInputs } from '../keep-inputs.js';

export interface InvertCommand {
  readonly input: string;
  readonly output: string;
  readonly reconstruction?: string;
  readonly pack?: string;
  readonly dataRoot: string;
}

export async function runInvert(command: InvertCommand, console: Console, signal: AbortSignal): Promise<void> {
  if (!/\.safetensors$/i.test(command.output)) {
    throw usageError(
      `-o ${command.output}: the latent is written as safetensors, so the name must end in .safetensors`,
    );
  }
  if (command.reconstruction !== undefined && !/\.png$/i.test(command.reconstruction)) {
    throw usageError(
      `--reconstruction ${command.reconstruction}: pictures are written as PNG, so the name must end in .png`,
    );
  }
  if (command.reconstruction !== undefined) keepInputs([command.input], [command.reconstruction]);
  const bytes = await readInput(command.input, 'image_empty');
  const result = await withDaemon(
    command.dataRoot,
    async (client) => {
      const digest = await client.upload(bytes, { signal });
      const inverted = await client.call(
        'invert',
        { image: { encoding: 'file', digest }, ...(command.pack === undefined ? {} : { pack: command.pack }) },
        { signal, onProgress: ({ stage, fraction }) => console.progress(`${command.input}: ${stage}`, fraction) },
      );
      await writeOutput(command.output, await client.download(inverted.latent.digest, { signal }));
      if (command.reconstruction !== undefined) {
        await writeOutput(command.reconstruction, await client.download(inverted.reconstruction.digest, { signal }));
      }
      return inverted;
    },
    signal,
  );
  const shapes = Object.entries(result.latent.tensors).map(([name, shape]) => `${name} [${shape.join(', ')}]`);
  console.result(
    {
      input: command.input,
      pack: result.pack,
      latent: command.output,
      tensors: result.latent.tensors,
      ...(command.reconstruction === undefined ? {} : { reconstruction: command.reconstruction }),
      timingsMs: result.timingsMs,
    },
    [
      `${command.input} → ${command.output} (pack ${result.pack}): ${shapes.join(', ')}`,
      ...(command.reconstruction === undefined ? [] : [`  reconstruction: ${command.reconstruction}`]),
    ],
  );
}
