/** What panels show, from states made by hand. */
import { describe, expect, it } from 'vitest';
import { emptyRecipe, type DeltaClient } from '@deltaspace/shared-protocol';
import { problem, problemCodes } from '../connection/problems.js';
import type { ConnectionState } from '../connection/state.js';
import { testPack } from '../testing/scripted-world.js';
import { applyOf, isSameRecipe } from './apply.js';
import { bannerOf } from './banner.js';
import { addText, chipsOf, removeText, shownSuggestions, suggestionsOf } from './chips.js';
import { duration, ordinal, progressOf } from './progress-line.js';
import { localitySlider, strengthSlider, thresholdOfSlider } from './sliders.js';
import { warningsOf } from './warnings.js';

const client = {} as DeltaClient;
const connected: ConnectionState = { kind: 'connected', port: 7411, client, packs: [testPack], notice: undefined };

describe('the banner', () => {
  it('is gone when everything is well, and tells a notice otherwise', () => {
    expect(bannerOf(connected, 0)).toBeUndefined();
    const notice = problem('daemon_loading');
    expect(bannerOf({ ...connected, notice }, 0)).toMatchObject({ tone: 'busy', title: 'deltaspace is loading…' });
  });

  it('has the steps, the command, the button and the wait', () => {
    const state: ConnectionState = { kind: 'waiting', problem: problem('not_running'), retryAtMs: 1500 };
    expect(bannerOf(state, 500)).toMatchObject({
      command: 'deltaspace start',
      action: { kind: 'retry', label: 'Try again' },
      retryInMs: 1000,
      tone: 'problem',
    });
  });

  it.each(problemCodes)('shows %s with the words of the table', (code) => {
    const why = problem(code);
    expect(bannerOf({ kind: 'unpaired', problem: why }, 0)).toMatchObject({
      code,
      title: why.title,
      text: why.explanation,
    });
  });
});

describe('apply', () => {
  const recipe = { ...emptyRecipe, texts: ['hat'] };
  const running = { kind: 'render', progress: { stage: 'invert', fraction: 0 } } as const;
  it.each([
    ['not_connected', { kind: 'off', problem: problem('not_started') }, { recipe, activity: undefined }],
    ['not_ready', { ...connected, notice: problem('no_packs') }, { recipe, activity: undefined }],
    ['no_layer', connected, undefined],
    ['no_text', connected, { recipe: emptyRecipe, activity: undefined }],
    ['pack_missing', connected, { recipe: { ...recipe, pack: 'other' }, activity: undefined }],
    ['busy', connected, { recipe, activity: running }],
  ] as const)('is not possible: %s', (reason, connection, session) => {
    expect(applyOf(connection, session)).toMatchObject({ canApply: false, reason });
  });

  it('is possible otherwise, also during a preview', () => {
    expect(applyOf(connected, { recipe, activity: { ...running, kind: 'preview' } })).toEqual({ canApply: true });
    expect(applyOf(connected, undefined, 'The layer is locked.')).toMatchObject({ text: 'The layer is locked.' });
  });

  it('knows equal recipes', () => {
    expect(isSameRecipe(recipe, { ...recipe })).toBe(true);
    expect(isSameRecipe(recipe, { ...recipe, strength: 1 })).toBe(false);
  });
});

describe('the progress line', () => {
  it.each([
    [
      { stage: 'queued', fraction: 0, queuePosition: 2, etaMs: 3100 },
      'Editing… 2nd in the queue, about 3 s',
      undefined,
    ],
    [{ stage: 'invert', fraction: 0.4 }, 'Editing…', 0.4],
    [{ stage: 'connecting', fraction: 0 }, 'Editing… waiting for deltaspace', undefined],
    [{ stage: 'restarting', fraction: 0.2 }, 'Editing… starting again after a crash', 0.2],
    [{ stage: 'decode', fraction: 0.5, done: 3, total: 8 }, 'Editing… 3 of 8', 0.5],
  ])('of %j', (progress, text, fraction) => {
    expect(progressOf({ kind: 'render', progress })).toEqual({ text, fraction });
  });

  it('counts and measures as people do', () => {
    expect([1, 2, 3, 4, 11, 12, 13, 21, 102, 111].map(ordinal).join(' ')).toBe(
      '1st 2nd 3rd 4th 11th 12th 13th 21st 102nd 111th',
    );
    expect([400, 1400, 89_000, 100_000].map(duration)).toEqual([
      'less than a second',
      'about 1 s',
      'about 89 s',
      'about 2 min',
    ]);
  });
});

describe('chips', () => {
  it('are added once and removed whatever their case', () => {
    const texts = addText(['face with hat'], '  Face with  HAT ');
    expect(texts).toEqual(['face with hat']);
    expect(addText(texts, ' smile ')).toEqual(['face with hat', 'smile']);
    expect(
      addText(
        Array.from({ length: 8 }, (_, index) => `${index}`),
        'nine',
      ),
    ).toHaveLength(8);
    expect(removeText(texts, 'FACE WITH HAT')).toEqual([]);
  });

  it('say which of their words the pack does not know', () => {
    expect(chipsOf(['face with zorgl hat', 'smile'], ['zorgl'])).toEqual([
      { text: 'face with zorgl hat', label: 'zorgl hat', unknownWords: ['zorgl'] },
      { text: 'smile', label: 'smile', unknownWords: [] },
    ]);
  });
});

describe('suggestions', () => {
  const pack = { suggestions: ['face with red hair', 'bald face', 'face with hat', 'Bald face', 'face with red hat'] };
  it.each([
    ['', [], ['face with red hair', 'bald face', 'face with hat', 'face with red hat']],
    ['ha', [], ['face with hat', 'face with red hair', 'face with red hat']],
    ['red h', ['face with red hair'], ['face with red hat']],
    ['face with', [], ['face with red hair', 'face with hat', 'face with red hat']],
    ['xyz', [], []],
  ])('for %j with chips %j', (typed, texts, expected) => {
    const found = suggestionsOf(pack, texts, typed);
    expect(found.map((text) => text.toLowerCase())).toEqual(expected);
  });

  it('are few, and none where the daemon names none', () => {
    const many = { suggestions: Array.from({ length: 50 }, (_, index) => `text ${index}`) };
    expect(suggestionsOf(many, [], 'text')).toHaveLength(shownSuggestions);
    expect(suggestionsOf(undefined, [], '')).toEqual([]);
  });
});

describe('sliders', () => {
  it('start where the pack says, and where nothing is said at the assumed place', () => {
    expect(strengthSlider(emptyRecipe, testPack)).toMatchObject({ value: 1.1, valueText: '+1.1', isDefault: true });
    expect(strengthSlider(emptyRecipe, undefined)).toMatchObject({ value: 1, initial: 1 });
    expect(localitySlider(emptyRecipe, testPack)).toMatchObject({ value: 14, valueText: '14 %' });
  });

  it('show the recipe, also beyond their usual range', () => {
    expect(strengthSlider({ ...emptyRecipe, strength: -8 }, testPack)).toMatchObject({ minimum: -8, value: -8 });
    const threshold = thresholdOfSlider(30);
    expect(localitySlider({ ...emptyRecipe, threshold }, testPack)).toMatchObject({ value: 30, isDefault: false });
  });
});

describe('warnings', () => {
  it('are sentences', () => {
    const warnings = [
      { code: 'unknown_words', message: 'the pack does not know "a", "b"' },
      { code: 'already_there', message: 'the layer seems to show this already: hat' },
      { code: 'no_change', message: 'x' },
      { code: 'of_tomorrow', message: 'something new' },
    ];
    expect(warningsOf({ warnings, unknownWords: ['a', 'b'] }).map(({ text }) => text)).toEqual([
      'The pack does not know “a” and “b”.',
      'The layer seems to show this already: hat.',
      'Next to nothing changed. Try more strength, less locality, or other words.',
      'Something new.',
    ]);
  });
});
