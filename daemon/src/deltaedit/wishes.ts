/**
 * What an edit asks for, as directions in DeltaSpace: one per target text (§3.2, "Text-prompt Setting"), or the one between two
 * pictures (§5.5.2). A negative strength asks for the way back, source and target swapped: the mapper is not odd, so
 * subtracting the change would be something else.
 */
import type { PixelImage } from '../imaging/index.js';
import { adaptiveSource } from './adaptive-source.js';
import { EditError } from './edit-error.js';
import type { EditParameters, EditSource } from './engine-types.js';
import type { LayerContext, NamedDirection } from './memory.js';
import type { TextEmbedding } from './pack-session.js';
import { textDirection } from './text-direction.js';
import { difference } from './vectors.js';

/** One output to be made. */
export interface Wish extends NamedDirection {
  /** The texts as they were asked; absent for image pairs. */
  readonly text?: { readonly target: string; readonly source: string };
  /** Unit embedding of the source [D]. */
  readonly origin: Float32Array;
  readonly unknownWords: readonly string[];
  /** Attributes that the target states and the layer shows. */
  readonly alreadyShown: readonly string[];
  /** Whether these are all that the target states. */
  readonly allShown: boolean;
}

/** What `wishesOf` reads of an edit; `strength` counts by its sign. */
export type Wanted = Pick<EditParameters, 'targets' | 'pair' | 'source'> & { strength: number };

/** The wishes of an edit, in the order of its targets. Throws EditError when it has both texts and a pair, or neither. */
export async function wishesOf(context: LayerContext, { targets, pair, source, strength }: Wanted): Promise<Wish[]> {
  if ((pair === undefined) === (targets.length === 0))
    throw new EditError('edit_failed', 'an edit takes target texts or an image pair, one of the two');
  const wishes: Wish[] = [];
  if (pair) wishes.push(await pairWish(context, pair));
  for (const target of targets) wishes.push(await textWish(context, target, source));
  return strength < 0 ? wishes.map(reversed) : wishes;
}

async function textWish(context: LayerContext, target: string, given?: EditSource): Promise<Wish> {
  const { memory, session } = context;
  const goal = await memory.textOf(session, target);
  const { text: source, alreadyShown, allShown } = await sourceOf(context, goal, given);
  const from = await memory.textOf(session, source);
  const delta = textDirection(goal.embedding, from.embedding);
  return {
    text: { target, source },
    delta: goal.meaningful ? delta : new Float32Array(delta.length),
    target: goal.embedding,
    origin: from.embedding,
    key: JSON.stringify([source, target]),
    unknownWords: [...new Set([...goal.unknownWords, ...from.unknownWords])],
    alreadyShown,
    allShown,
  };
}

/** The source text for one target: given, the pack's noun, or written for the layer. */
async function sourceOf(
  { session, layer }: LayerContext,
  goal: TextEmbedding,
  given?: EditSource,
): Promise<{ text: string } & Pick<Wish, 'alreadyShown' | 'allShown'>> {
  const unread = { alreadyShown: [], allShown: false };
  const { id, domain, defaults } = session.pack.manifest;
  const source = given ?? { kind: defaults.source ?? 'domain' };
  if (source.kind === 'text') return { text: source.text, ...unread };
  if (source.kind === 'domain') return { text: domain, ...unread };
  const table = await session.attributeTable();
  if (table === null)
    throw new EditError(
      'edit_failed',
      `pack ${id} lists no attributes to write a source text from; give the source text yourself`,
    );
  // A text without a known word states nothing, whatever its embedding happens to be near to.
  return goal.meaningful ? adaptiveSource(table, domain, layer.embedding, goal.embedding) : { text: domain, ...unread };
}

async function pairWish(
  { memory, session }: LayerContext,
  { from, to }: { from: PixelImage; to: PixelImage },
): Promise<Wish> {
  const [before, after] = [await memory.layerOf(session, from), await memory.layerOf(session, to)];
  return {
    delta: difference(after.embedding, before.embedding),
    target: after.embedding,
    origin: before.embedding,
    key: JSON.stringify(['pair', before.key, after.key]),
    unknownWords: [],
    alreadyShown: [],
    allShown: false,
  };
}

function reversed(wish: Wish): Wish {
  const delta = wish.delta.map((value) => -value);
  return { ...wish, delta, target: wish.origin, origin: wish.target, key: `−${wish.key}` };
}
