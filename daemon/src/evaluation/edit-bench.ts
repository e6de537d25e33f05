/** The cases of one standard text: the first held-out avatars that it makes sense for, their layers and their truths. */
import type { Avatar } from '../recipes/avatars/attributes.js';
import { renderAvatars } from '../recipes/avatars/dataset.js';
import { counterfactual, EDIT_TEXTS, isEligible, type EditText } from '../recipes/avatars/edit-suite.js';
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
/** So many are drawn on the calling thread. */
const fewAvatars = 32;

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
  const avatars = eligibleAvatars(text, split, count);
  // Starting drawing threads takes longer than drawing a few avatars.
  const drawing = avatars.length <= fewAvatars ? { threads: 0 } : threads === undefined ? {} : { threads };
  const render = async (name: string, list: readonly Avatar[]) =>
    imageRows(await renderAvatars(name, list, { size, ...drawing, ...(signal === undefined ? {} : { signal }) }));
  const layers = await render('layers', avatars);
  const truths = await render(
    'truths',
    avatars.map((avatar) => counterfactual(avatar, text.changes)),
  );
  const cases = avatars.map((avatar) => ({ text, avatar }));
  return { ...(await prepareSubjects(networks, layers)), cases, truths };
}

/** The first avatars of a split that a text makes sense for; fewer when there are not as many. */
function eligibleAvatars(text: EditText, split: 'validation' | 'test', count: number): Avatar[] {
  const found: Avatar[] = [];
  for (let i = 0; i < candidateCount && found.length < count; i++) {
    const avatar = avatarAt(split, i);
    if (isEligible(avatar, text)) found.push(avatar);
  }
  return found;
}
