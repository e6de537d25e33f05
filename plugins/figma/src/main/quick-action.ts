/**
 * Parameters from the command bar: a text, and how strong. Figma asks for suggestions at every key, and starts the
 * command with what was chosen.
 */
import { type Launch } from '../bridge/index.js';
import { readStored, recentTextsKey } from './storage.js';
import { words } from './words.js';

/** Most characters of a text from the command bar, which holds one line; the daemon takes longer ones. */
const textCharacters = 200;
/** Strengths that the daemon takes. */
const strengthRange = { minimum: -10, maximum: 10 } as const;
/** Suggestions shown at once. */
const suggestionCount = 12;

/** A strength as people type it, with a comma or the proper minus sign; null when it is none. */
export function parseStrength(typed: string): number | null {
  const text = typed.trim().replace('−', '-').replace(',', '.');
  if (!/^[+-]?\d+(\.\d+)?$/.test(text)) return null;
  const strength = Number(text);
  return strength >= strengthRange.minimum && strength <= strengthRange.maximum ? strength : null;
}

/** Answers one key in the command bar. */
export async function suggest({ key, query, result }: ParameterInputEvent): Promise<void> {
  if (key === 'strength') {
    if (query.trim() !== '' && query.trim() !== '-' && parseStrength(query) === null)
      result.setError(words.parameterNeedsStrength);
    else result.setSuggestions(words.parameterStrengths.map((suggestion) => ({ ...suggestion })));
    return;
  }
  if (query.length > textCharacters) return result.setError(words.parameterNeedsText);
  const texts = [...(await recentTexts()), ...words.parameterTexts];
  const wanted = query.trim().toLowerCase();
  const matching = texts.filter((text, index) => texts.indexOf(text) === index && text.toLowerCase().includes(wanted));
  result.setSuggestions(matching.slice(0, suggestionCount));
}

async function recentTexts(): Promise<string[]> {
  const stored = await readStored(recentTextsKey).catch(() => null); // suggestions are no reason to fail
  return Array.isArray(stored) ? stored.filter((text): text is string => typeof text === 'string') : [];
}

/** What a start by command and parameters is for. Anything that is no edit opens the plugin. */
export function launchOf({ command, parameters }: RunParametersEvent): Launch {
  const text = typeof parameters?.['text'] === 'string' ? parameters['text'].trim().slice(0, textCharacters) : '';
  if (text !== '') {
    const typed: unknown = parameters?.['strength'];
    const strength = typeof typed === 'string' ? parseStrength(typed) : null;
    return strength === null ? { command: 'quick', text } : { command: 'quick', text, strength };
  }
  return { command: command === 'edit' || command === 'variations' ? command : 'open' };
}
