/** The cases of one standard text: the first held-out avatars that it makes sense for, their layers and their truths. */
import type { Avatar } from '../recipes/avatars/attributes.js';
import { renderAvatars } from '../recipes/avatars/dataset.js';
import { counterfactual, EDIT_TEXTS, selectEligible, type EditText } from '../recipes/avatars/edit-suite.js';
import { avatarAt } from '../recipes/avatars/splits.js';
import { imageRows, prepareSubjects, type EditBench } from './edit-metrics.js';
import type { PackNetworks } from './pack-networks.js';

export interface BenchOptions {
  readonly networks: PackNetworks;
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

/** Avatars searched for eligible ones per text. */
const candidateCount = 4096;

/** Standard texts by name, in the order of the names; all when none are given. Throws for unknown names. */
export function standardTexts(names?: readonly string[]): readonly EditText[] {
  if (names === undefined) return EDIT_TEXTS;
  return names.map((name) => {
    const text = EDIT_TEXTS.find((candidate) => candidate.name === name);
    if (!text) throw new Error(`no standard text ${name}; there are ${EDIT_TEXTS.map((each) => each.name).join(', ')}`);
    return text;
  });
}

/** Layers and truths of one text, at the pack's resolution. */
export async function benchOf(
  { networks, threads, signal }: BenchOptions,
  text: EditText,
  split: 'validation' | 'test',
  count: number,
): Promise<EditBench> {
  const size = networks.pack.manifest.resolution;
  const candidates: Avatar[] = Array.from({ length: candidateCount }, (_, i) => avatarAt(split, i));
  const avatars = selectEligible(candidates, text, count).map((i) => candidates[i] as Avatar);
  const render = async (name: string, list: readonly Avatar[]) =>
    imageRows(
      await renderAvatars(name, list, {
        size,
        ...(threads === undefined ? {} : { threads }),
        ...(signal === undefined ? {} : { signal }),
      }),
    );
  const layers = await render('layers', avatars);
  const truths = await render(
    'truths',
    avatars.map((avatar) => counterfactual(avatar, text.changes)),
  );
  const cases = avatars.map((avatar) => ({ text, avatar }));
  return { ...(await prepareSubjects(networks, layers)), cases, truths };
}
