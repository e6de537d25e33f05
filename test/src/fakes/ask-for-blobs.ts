/** `blob.have` of more digests than one question may have: all questions at once, within the limit of open requests. */
import { protocolLimits, type DeltaClient } from '@deltaspace/shared-protocol';

/** Returns the digests that the daemon lacks. */
export async function missingBlobs(client: DeltaClient, digests: readonly string[]): Promise<string[]> {
  const { digestsPerQuery, openRequests } = protocolLimits;
  const missing: string[] = [];
  const atOnce = digestsPerQuery * openRequests;
  for (let start = 0; start < digests.length; start += atOnce) {
    const questions: Promise<{ missing: string[] }>[] = [];
    for (let first = start; first < Math.min(start + atOnce, digests.length); first += digestsPerQuery)
      questions.push(client.call('blob.have', { digests: digests.slice(first, first + digestsPerQuery) }));
    for (const answer of await Promise.all(questions)) missing.push(...answer.missing);
  }
  return missing;
}
