/**
 * `deltaspace subjects`: which subjects an image shows, as numbers and regions for `edit --subject` and `--region`.
 */
import { ProtocolError, type DeltaClient, type Region } from '@deltaspace/shared-protocol';
import type { Console } from '../console.js';
import { withDaemon } from '../daemon-connection.js';
import { readInput } from '../files.js';

export interface SubjectsCommand {
  readonly input: string;
  readonly dataRoot: string;
}

/** What the separation of the answer means, for people. */
const separations = {
  alpha: 'apart from transparent pixels',
  backdrop: 'apart from a backdrop of one colour',
  whole: 'the image as a whole: it has no background of one colour',
} as const;

export async function runSubjects(command: SubjectsCommand, console: Console, signal: AbortSignal): Promise<void> {
  const bytes = await readInput(command.input, 'image_empty');
  const { subjects, separation, width, height } = await withDaemon(
    command.dataRoot,
    async (client) => client.call('subjects', { image: await uploaded(client, bytes, signal) }, { signal }),
    signal,
  );
  console.result({ input: command.input, width, height, separation, subjects }, [
    `${command.input}: ${subjects.length} (${separations[separation]})`,
    ...subjects.map((region, i) => `  ${i + 1}: ${region.x},${region.y},${region.width},${region.height}`),
  ]);
}

/**
 * The region of the subject of that number, from 1.
 * @throws ProtocolError `edit_failed` when there are fewer.
 */
export async function regionOfSubject(
  client: DeltaClient,
  bytes: Uint8Array,
  number: number,
  signal: AbortSignal,
): Promise<Region> {
  const { subjects } = await client.call('subjects', { image: await uploaded(client, bytes, signal) }, { signal });
  const region = subjects[number - 1];
  if (region !== undefined) return region;
  const words = `there is no subject ${number}: ${subjects.length} found; "deltaspace subjects" lists them`;
  throw new ProtocolError('edit_failed', words);
}

async function uploaded(client: DeltaClient, bytes: Uint8Array, signal: AbortSignal) {
  return { encoding: 'file', digest: await client.upload(bytes, { signal }) } as const;
}
