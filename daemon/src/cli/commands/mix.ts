/**
 * `deltaspace mix`: style mixing of two images, the coarse layers of the one with the finer layers of the other.
 */
import type { Console } from '../console.js';
import { withDaemon } from '../daemon-connection.js';
import { usageError } from '../failure.js';
import { readInput, writeOutput } from '../files.js';
import { keepInputs } from '../keep-inputs.js';

export interface MixCommand {
  readonly content: string;
  readonly style: string;
  readonly fromLayer?: number;
  readonly pack?: string;
  readonly output: string;
  readonly dataRoot: string;
}

export async function runMix(command: MixCommand, console: Console, signal: AbortSignal): Promise<void> {
  const { content, style, fromLayer, pack, output } = command;
  if (!/\.png$/i.test(output))
    throw usageError(`-o ${output}: pictures are written as PNG, so the name must end in .png`);
  keepInputs([content, style], [output]);
  const [contentBytes, styleBytes] = [await readInput(content, 'image_empty'), await readInput(style, 'image_empty')];
  const result = await withDaemon(
    command.dataRoot,
    async (client) => {
      const upload = async (bytes: Uint8Array) =>
        ({ encoding: 'file', digest: await client.upload(bytes, { signal }) }) as const;
      const mixed = await client.call(
        'mix',
        {
          content: await upload(contentBytes),
          style: await upload(styleBytes),
          ...(fromLayer === undefined ? {} : { fromLayer }),
          ...(pack === undefined ? {} : { pack }),
        },
        { signal, onProgress: ({ stage, fraction }) => console.progress(`${content}: ${stage}`, fraction) },
      );
      await writeOutput(output, await client.download(mixed.image.digest, { signal }));
      return mixed;
    },
    signal,
  );
  const { fromLayer: cut, layers, timingsMs } = result;
  console.result({ content, style, file: output, pack: result.pack, fromLayer: cut, layers, timingsMs }, [
    `${content} + ${style} → ${output}`,
    `  layers ${cut} to ${layers - 1} of ${layers} come from ${style} (pack ${result.pack}; --from-layer moves the cut)`,
  ]);
}
