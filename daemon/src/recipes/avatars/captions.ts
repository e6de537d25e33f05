/**
 * Captions: what a person might write under the picture of an avatar.
 *
 * A caption names a random subset of the visible attributes, in random order and wording, in one of several sentence
 * forms. It makes no comparisons and never speaks of what the picture does not show. `composeCaption` also returns
 * the claims it makes, which tests check against the avatar.
 *
 * Words come from lexicon.ts; fixed texts (prompts, templates) are in prompts.ts.
 */
import { pickFrom, type AttributeKey, type Avatar, type RandomSource } from './attributes.js';
import * as lexicon from './lexicon.js';
import { SYNONYMS } from './synonyms.js';
import { wordsOf } from '@deltaspace/models';
import { showsHeadHair, visibleAttributes, wearsHat, type Visibility } from './visibility.js';

/**
 * How much captions tell.
 * - sparse: from a word or two to most of the picture, about five attributes on average
 * - rich: every attribute worth a word
 * - mixed: three sparse captions for each rich one; what text towers are trained on
 */
export type Richness = 'sparse' | 'mixed' | 'rich';

export interface Claim {
  readonly key: AttributeKey;
  readonly value: string;
}

export interface Caption {
  readonly text: string;
  /** Every attribute value that the text states. Negatives ("no hat") are not claims of a value of `top`. */
  readonly claims: readonly Claim[];
}

/** A part of a sentence, by the verb it goes with (see Wordings). `scene` follows everything else. */
interface Phrase {
  readonly kind: 'adjective' | 'having' | 'wearing' | 'plain' | 'scene';
  readonly text: string;
}

/** Collects phrases and claims while the attributes are gone through. */
class Draft {
  readonly phrases: Phrase[] = [];
  readonly claims: Claim[] = [];

  constructor(
    readonly avatar: Avatar,
    readonly random: RandomSource,
    readonly keep: number,
    readonly synonymShare: number,
  ) {}

  /** Whether to mention something whose weight is `weight` (1: as often as the caption's richness has it). */
  mentions(weight: number): boolean {
    return this.random.next() < this.keep * weight;
  }

  claim(key: AttributeKey): void {
    this.claims.push({ key, value: this.avatar.values[key] });
  }

  say(kind: Phrase['kind'], text: string): void {
    this.phrases.push({ kind, text });
  }

  /** Picks a wording of an attribute's value. */
  pick(key: AttributeKey, wordings: readonly string[]): string {
    return this.vary(key, pickFrom(wordings, this.random));
  }

  /** Now and then puts a synonym in the place of one word of a wording. */
  private vary(key: AttributeKey, wording: string): string {
    if (this.synonymShare === 0 || this.random.next() >= this.synonymShare) return wording;
    const synonyms = SYNONYMS[key] ?? {};
    const parts = wording.split(' ');
    const open = parts.flatMap((word, i) => (synonyms[word] ? [i] : []));
    if (open.length === 0) return wording;
    const place = pickFrom(open, this.random);
    const synonym = pickFrom(synonyms[parts[place] as string] ?? [], this.random);
    parts[place] = synonym;
    const article = parts[place - 1];
    if (article === 'a' || article === 'an') parts[place - 1] = /^[aeiou]/.test(synonym) ? 'an' : 'a';
    return parts.join(' ');
  }

  /** Picks one wording of any kind. Adjectives come first to mind, so they get a fixed share. */
  word(key: AttributeKey, wordings: lexicon.Wordings): void {
    const { adjectives = [], having = [], wearing = [], plain = [] } = wordings;
    const after: Phrase[] = [
      ...having.map((text): Phrase => ({ kind: 'having', text })),
      ...wearing.map((text): Phrase => ({ kind: 'wearing', text })),
      ...plain.map((text): Phrase => ({ kind: 'plain', text })),
    ];
    const before = adjectives.map((text): Phrase => ({ kind: 'adjective', text }));
    const adjectiveShare = after.length === 0 ? 1 : before.length === 0 ? 0 : ADJECTIVE_SHARE;
    const { kind, text } = pickFrom(this.random.next() < adjectiveShare ? before : after, this.random);
    this.phrases.push({ kind, text: this.vary(key, text) });
  }
}

const ADJECTIVE_SHARE = 0.4;
/** Weight of saying what nobody would remark on: no glasses, clean shaven, normal eyebrows. */
const UNREMARKABLE = 0.3;
const NO_HAT_WEIGHT = 0.08;
const SCENERY = 0.7;
/** The words that this file itself puts between those of the lexicon. */
export const GRAMMAR_WORDS = 'a an the and with in on against front of has wears wearing is hair background';

export interface CaptionOptions {
  readonly richness?: Richness;
  /** How often a wording gets a synonym of synonyms.ts, 0 to 1. Default 0: the words of the lexicon only. */
  readonly synonymShare?: number;
}

/** Writes a caption of an avatar. Deterministic given the avatar and the random numbers. */
export function captionAvatar(avatar: Avatar, random: RandomSource, options: CaptionOptions = {}): string {
  return composeCaption(avatar, random, options).text;
}

/** Writes a caption and says what it claims. */
export function composeCaption(avatar: Avatar, random: RandomSource, options: CaptionOptions = {}): Caption {
  const { richness = 'mixed', synonymShare = 0 } = options;
  const draft = new Draft(avatar, random, drawKeep(richness, random), synonymShare);
  const visible = visibleAttributes(avatar);
  describeHead(draft);
  describeFacialHair(draft);
  describeFace(draft, visible);
  describeClothes(draft);
  describeScene(draft);
  return { text: writeSentence(draft), claims: draft.claims };
}

/** The chance that an attribute of weight 1 is mentioned, which differs from caption to caption. */
function drawKeep(richness: Richness, random: RandomSource): number {
  const sparse = richness === 'sparse' || (richness === 'mixed' && random.next() < 0.75);
  if (!sparse) return 1;
  const draw = random.next();
  return draw < 0.25 ? 0.15 : draw < 0.5 ? 0.9 : 0.5;
}

/** Every word that captions can contain, in the tokeniser's spelling, sorted. */
export function captionWords(): string[] {
  const words = new Set(wordsOf(GRAMMAR_WORDS));
  const collect = (node: unknown): void => {
    if (typeof node === 'string') wordsOf(node).forEach((word) => words.add(word));
    else if (typeof node === 'object' && node !== null) Object.values(node).forEach(collect);
  };
  collect(lexicon);
  collect(SYNONYMS);
  return [...words].sort();
}

// ---- attributes ------------------------------------------------------------------------------------------------

function describeHead(draft: Draft): void {
  const { top } = draft.avatar.values;
  if (wearsHat(draft.avatar)) {
    if (!draft.mentions(1)) return;
    draft.claim('top');
    draft.say('wearing', fillColor(draft.pick('top', lexicon.HATS[top as 'hat' | 'beanie']), hatColor(draft)));
    return;
  }
  if (draft.mentions(NO_HAT_WEIGHT)) draft.word('top', lexicon.NO_HAT_WORDINGS);
  if (!showsHeadHair(draft.avatar)) {
    if (!draft.mentions(1)) return;
    draft.claim('top');
    draft.word('top', lexicon.BALD_WORDINGS);
    return;
  }
  describeHair(draft, lexicon.HAIR_STYLES[top as keyof typeof lexicon.HAIR_STYLES]);
}

function describeHair(draft: Draft, style: (typeof lexicon.HAIR_STYLES)['short']): void {
  const namesStyle = draft.mentions(1);
  const namesColor = draft.mentions(1);
  const colors = lexicon.HAIR_COLORS[draft.avatar.values.hairColor];
  if (namesStyle) draft.claim('top');
  if (namesColor) draft.claim('hairColor');
  if (namesStyle && !namesColor && style.adjectives !== undefined && draft.random.next() < ADJECTIVE_SHARE / 2) {
    draft.say('adjective', draft.pick('top', style.adjectives));
  } else if (namesStyle) {
    draft.say('having', fillColor(draft.pick('top', style.having), namesColor ? hairColor(draft) : ''));
  } else if (namesColor && draft.random.next() < ADJECTIVE_SHARE) {
    draft.say('adjective', draft.pick('hairColor', colors.adjectives ?? []));
  } else if (namesColor) {
    draft.say('having', `${hairColor(draft)} hair`);
  }
}

function describeFacialHair(draft: Draft): void {
  const { facialHair } = draft.avatar.values;
  if (facialHair === 'none') {
    if (!draft.mentions(UNREMARKABLE)) return;
    draft.claim('facialHair');
    draft.word('facialHair', lexicon.NO_FACIAL_HAIR_WORDINGS);
    return;
  }
  if (!draft.mentions(1)) return;
  draft.claim('facialHair');
  const { having, adjectives } = lexicon.FACIAL_HAIR[facialHair];
  if (adjectives !== undefined && draft.random.next() < ADJECTIVE_SHARE / 2) {
    draft.say('adjective', draft.pick('facialHair', adjectives));
    return;
  }
  // Without hair on the head, the beard is the only place where the colour can be told.
  const namesColor = draft.random.next() < (showsHeadHair(draft.avatar) ? 0.25 : 0.5 + draft.keep / 2);
  if (namesColor) draft.claim('hairColor');
  draft.say('having', fillColor(draft.pick('facialHair', having), namesColor ? hairColor(draft) : ''));
}

function describeFace(draft: Draft, visible: Visibility): void {
  const { values } = draft.avatar;
  const describe = (key: lexicon.PlainKey, weight: number): void => {
    if (!visible[key] || !draft.mentions(weight)) return;
    draft.claim(key);
    draft.word(key, (lexicon.WORDINGS[key] as Readonly<Record<string, lexicon.Wordings>>)[values[key]] ?? {});
  };
  describe('skin', SCENERY + draft.keep / 3);
  describe('accessories', values.accessories === 'none' ? UNREMARKABLE : 1);
  describe('mouth', 1);
  describe('eyes', values.eyes === 'open' ? UNREMARKABLE : 1);
  describe('eyebrows', values.eyebrows === 'normal' ? UNREMARKABLE : SCENERY + draft.keep / 3);
}

function describeClothes(draft: Draft): void {
  const { values } = draft.avatar;
  const namesColor = draft.random.next() < Math.max(0.6, draft.keep);
  const color = (): string => draft.pick('clothesColor', lexicon.FABRIC_COLORS[values.clothesColor].having ?? []);
  if (draft.mentions(1)) {
    draft.claim('clothing');
    if (namesColor) draft.claim('clothesColor');
    draft.say(
      'wearing',
      fillColor(draft.pick('clothing', lexicon.CLOTHES[values.clothing]), namesColor ? color() : ''),
    );
  } else if (draft.mentions(0.5)) {
    draft.claim('clothesColor');
    draft.say('wearing', fillColor(pickFrom(lexicon.UNNAMED_CLOTHES, draft.random), color()));
  }
}

function describeScene(draft: Draft): void {
  if (!draft.mentions(SCENERY + draft.keep / 3)) return;
  draft.claim('background');
  const color = draft.pick('background', lexicon.WORDINGS.background[draft.avatar.values.background].having ?? []);
  const lead = pickFrom(['on', 'on', 'with', 'against', 'in front of'], draft.random);
  draft.say('scene', `${lead} ${withArticle(`${color} background`)}`);
}

function hatColor(draft: Draft): string {
  if (draft.random.next() >= Math.max(0.5, draft.keep)) return '';
  draft.claim('hatColor');
  return draft.pick('hatColor', lexicon.FABRIC_COLORS[draft.avatar.values.hatColor].having ?? []);
}

function hairColor(draft: Draft): string {
  return draft.pick('hairColor', lexicon.HAIR_COLORS[draft.avatar.values.hairColor].having ?? []);
}

// ---- sentences -------------------------------------------------------------------------------------------------

function writeSentence(draft: Draft): string {
  const { random } = draft;
  const form = random.next();
  if (form < 0.08 && draft.phrases.length > 0) return writeKeywords(draft);
  const adjectives = shuffle(ofKind(draft, 'adjective'), random);
  const subject = [...adjectives.map((phrase) => phrase.text), pickFrom(lexicon.SUBJECTS, random)].join(' ');
  const details = shuffle(
    draft.phrases.filter((phrase) => phrase.kind !== 'adjective' && phrase.kind !== 'scene'),
    random,
  );
  const scene = ofKind(draft, 'scene').map((phrase) => phrase.text);
  if (form < 0.23 && details.length > 0) return [`the ${subject}`, verbs(details, random), ...scene].join(' ');
  const noun = pickFrom(lexicon.FRAMES, random).replace('{a}', withArticle(subject)).replace('{}', subject);
  return [noun, participles(details, random), ...scene].filter((part) => part !== '').join(' ');
}

/** "red hair, glasses, smiling" */
function writeKeywords(draft: Draft): string {
  const texts = shuffle(draft.phrases, draft.random).map((phrase) =>
    phrase.kind === 'scene' ? phrase.text.replace(/^(on|with|against|in front of) /, '') : phrase.text,
  );
  return texts.join(', ');
}

/** "with red hair and glasses, clean shaven, wearing a blue hoodie" */
function participles(details: readonly Phrase[], random: RandomSource): string {
  let text = '';
  let lead = '';
  for (const { kind, text: detail } of details) {
    const next =
      kind === 'plain' ? '' : kind === 'having' ? 'with' : pickFrom(['with', 'wearing', 'wearing', 'in'], random);
    const phrase = next === '' ? detail : `${next} ${detail}`;
    if (text === '') text = phrase;
    else if (next !== '' && next === lead) text += `${pickFrom([' and ', ', '], random)}${detail}`;
    else text += `${pickFrom([', ', ' and ', ' '], random)}${phrase}`;
    lead = next;
  }
  return text;
}

/** "has red hair, wears glasses and is smiling" */
function verbs(details: readonly Phrase[], random: RandomSource): string {
  const verb = { having: 'has', wearing: pickFrom(['wears', 'is wearing'], random), plain: 'is' };
  return details
    .map((phrase) => `${verb[phrase.kind as keyof typeof verb]} ${phrase.text}`)
    .reduce((text, clause, i) => text + (i === details.length - 1 ? ' and ' : ', ') + clause);
}

function ofKind(draft: Draft, kind: Phrase['kind']): Phrase[] {
  return draft.phrases.filter((phrase) => phrase.kind === kind);
}

/** Puts a colour, or nothing, in the place of `{}` and gives the phrase the article that then fits. */
function fillColor(wording: string, color: string): string {
  const filled = wording.replace('{}', color).replace(/\s+/g, ' ').trim();
  return filled.startsWith('a ') ? withArticle(filled.slice(2)) : filled;
}

function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}

function shuffle<T>(items: readonly T[], random: RandomSource): T[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(random.next() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
  }
  return shuffled;
}
