/**
 * Variations on the canvas: asks the daemon for every picture of a board, hands them to the main side as they come, and
 * places the board at the end.
 *
 * Three arrangements: texts × strengths, a strip between two ends, and style mixing of several layers. A picture that fails leaves
 * its cell empty; a board without any picture is dropped.
 */
import { CancelledBoard, type BoardOutcome, type BoardParts, type BoardWish, type CellPlace } from './board-wish.js';
import { EditSession, signed, withoutNoun, type Recipe } from '@deltaspace/plugin-core';
import { bridgeLimits, type BoardLayout } from '../../bridge/index.js';
import { toStored } from './stored-recipe.js';

/** Makes a board. @throws what bridge or daemon threw, CancelledBoard; nothing is on the canvas then. */
export async function makeBoard(parts: BoardParts, wish: BoardWish): Promise<BoardOutcome> {
  const { bridge, session } = parts;
  if (parts.isCancelled()) throw new CancelledBoard();
  const layout = layoutOf(parts, wish);
  const title = shorten(titleOf(parts, wish));
  const { boardId } = await bridge.request('board.open', { targetId: session.layer.id, title, layout });
  let doneCount = 0;
  const failures: string[] = [];
  const hand: Hand = async ({ row, column }, image, recipe) => {
    const stored = recipe === null ? null : toStored(recipe);
    await bridge.request('board.cell', { boardId, row, column, image, recipe: stored });
    doneCount++;
  };
  try {
    if (parts.isCancelled()) throw new CancelledBoard();
    await fill(parts, wish, hand, (words) => failures.push(words));
    if (parts.isCancelled()) throw new CancelledBoard();
    if (doneCount === 0) throw new Error(failures[0] ?? 'The board would have no pictures.');
    await bridge.request('board.place', { boardId });
  } catch (error) {
    await bridge.request('board.drop', { boardId }).catch(() => undefined);
    throw error;
  }
  return { doneCount, emptyCount: failures.length, firstFailure: failures[0] };
}

/** Gives a picture to the board, with the recipe that makes it of the session's layer; null where none does. */
type Hand = (place: CellPlace, image: Uint8Array, recipe: Recipe | null) => Promise<void>;
type Fail = (words: string) => void;

function fill(parts: BoardParts, wish: BoardWish, hand: Hand, fail: Fail): Promise<void> {
  switch (wish.kind) {
    case 'grid':
      return fillGrid(parts, wish, hand, fail);
    case 'texts':
    case 'layers':
      return fillStrip(parts, wish, hand);
    case 'mix':
      return fillMix(parts, wish, hand, fail);
  }
}

async function fillGrid(
  { session }: BoardParts,
  { texts, strengths }: Extract<BoardWish, { kind: 'grid' }>,
  hand: Hand,
  fail: Fail,
): Promise<void> {
  const { recipe } = session.state.value;
  const handed: Promise<void>[] = [];
  await session.variations({
    texts,
    strengths,
    onCells: (cells) => {
      for (const { text, strength, outcome } of cells) {
        if (outcome.kind === 'failed') {
          fail(outcome.failure.explanation);
          continue;
        }
        const place = { row: texts.indexOf(text), column: strengths.indexOf(strength) };
        const handing = hand(place, outcome.value.image.bytes, { ...recipe, texts: [text], strength });
        handing.catch(() => undefined); // told below, unless the board as a whole fails before
        handed.push(handing);
      }
    },
  });
  await Promise.all(handed);
}

async function fillStrip(
  { session }: BoardParts,
  wish: Extract<BoardWish, { kind: 'texts' | 'layers' }>,
  hand: Hand,
): Promise<void> {
  const { recipe } = session.state.value;
  const strip =
    wish.kind === 'texts'
      ? await session.stripOfTexts(wish, wish.steps)
      : await session.stripToLayer(wish.other.layer.pixels, wish.steps);
  for (const [column, { weight, image }] of strip.frames.entries()) {
    await hand({ row: 0, column }, image.bytes, recipeOfFrame(recipe, wish, weight));
  }
}

/** The ends of a strip of texts are edits like any other; no recipe makes what lies between, or anything of two layers. */
function recipeOfFrame(
  recipe: Recipe,
  wish: Extract<BoardWish, { kind: 'texts' | 'layers' }>,
  weight: number,
): Recipe | null {
  if (wish.kind === 'layers' || (weight > 0 && weight < 1)) return null;
  return { ...recipe, texts: [weight <= 0 ? wish.from : wish.to] };
}

/** Every picture in the style of every other; on the diagonal each stands as it is. */
async function fillMix(
  parts: BoardParts,
  { pictures }: Extract<BoardWish, { kind: 'mix' }>,
  hand: Hand,
  fail: Fail,
): Promise<void> {
  const pixels = pictures.map(({ layer }) => layer.pixels);
  for (const [row, content] of pictures.entries()) {
    if (parts.isCancelled()) throw new CancelledBoard();
    const columns = pictures.map((_, column) => column).filter((column) => column !== row);
    const session = row === 0 ? parts.session : new EditSession({ ...parts.options, layer: content.layer });
    const stopTelling = row === 0 ? undefined : parts.follow(session);
    try {
      const cells = await session.mixes(columns.map((column) => pixels[column] as (typeof pixels)[number]));
      for (const { style, outcome } of cells) {
        const place = { row, column: columns[style] as number };
        if (outcome.kind === 'done') await hand(place, outcome.value.image.bytes, null);
        else fail(outcome.failure.explanation);
      }
    } finally {
      stopTelling?.();
      if (row > 0) session.close();
    }
    const asItIs = content.bytes;
    if (asItIs.mediaType === 'image/png' || asItIs.mediaType === 'image/jpeg')
      await hand({ row, column: row }, asItIs.bytes, null);
  }
}

/** A label as the board takes it: names of text layers are whole paragraphs. */
function shorten(label: string): string {
  const { labelCharacters } = bridgeLimits;
  return label.length <= labelCharacters ? label : `${label.slice(0, labelCharacters - 1).trimEnd()}…`;
}

function layoutOf({ session, picture }: BoardParts, wish: BoardWish): BoardLayout {
  switch (wish.kind) {
    case 'grid':
      return { kind: 'grid', rows: wish.texts.map(withoutNoun).map(shorten), columns: wish.strengths.map(signed) };
    case 'texts':
      return { kind: 'strip', steps: stepLabels(withoutNoun(wish.from), withoutNoun(wish.to), wish.steps) };
    case 'layers':
      return { kind: 'strip', steps: stepLabels(picture.target.name, wish.other.target.name, wish.steps) };
    case 'mix': {
      const names = wish.pictures.map(({ target }) => target.name);
      if (session.layer.id !== wish.pictures[0]?.layer.id)
        throw new Error('expected the mix to begin with the session’s layer');
      const styles = names.map((name) => shorten(`style of ${name}`));
      return { kind: 'mix', contents: names.map(shorten), styles };
    }
  }
}

/** The ends by name, what lies between by its share of the second. */
export function stepLabels(from: string, to: string, steps: number): string[] {
  const share = (step: number): string => `${Math.round((100 * step) / (steps - 1))} %`;
  return Array.from({ length: steps }, (_, step) =>
    step === 0 ? shorten(from) : step === steps - 1 ? shorten(to) : share(step),
  );
}

function titleOf({ picture }: BoardParts, wish: BoardWish): string {
  const { name } = picture.target;
  switch (wish.kind) {
    case 'grid':
      return `${name}: variations`;
    case 'texts':
      return `${name}: ${withoutNoun(wish.from)} to ${withoutNoun(wish.to)}`;
    case 'layers':
      return `${name} to ${wish.other.target.name}`;
    case 'mix':
      return `${wish.pictures.map(({ target }) => target.name).join(', ')}: styles mixed`;
  }
}
