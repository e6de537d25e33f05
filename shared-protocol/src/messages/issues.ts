/**
 * What is wrong with a message, in words: what was expected, what came, and what to do where that is not plain.
 *
 * zod's own words name its types ("Too big: expected array to have <=32 items"); people who wrote a request by hand should
 * not need to know zod. Messages that a schema brings along win over these.
 */
import type * as z from 'zod';

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

/** Problems that one message lists. */
const listedIssues = 8;
/** Characters of a refused value that are repeated. */
const repeatedCharacters = 40;

/** The words for an issue; undefined leaves them to zod. Pass it as `error` when parsing. */
export function explainIssue(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `${issue.input === undefined ? 'missing; ' : ''}expected ${nounOf(issue.expected)}${gotUnlessMissing(issue.input)}`;
    case 'invalid_value':
      return `expected ${alternatives(issue.values)}${gotUnlessMissing(issue.input)}`;
    case 'unrecognized_keys':
      return `unknown ${issue.keys.length === 1 ? 'member' : 'members'} ${issue.keys.map(shown).join(', ')}; misspelt?`;
    case 'too_big':
      return `expected at most ${bound(issue.maximum, issue.origin)}, got ${measured(issue.input)}${remedy(issue.origin)}`;
    case 'too_small':
      return `expected at least ${bound(issue.minimum, issue.origin)}, got ${measured(issue.input)}`;
    default:
      return undefined;
  }
}

/** One line for all problems: which member, and what was expected of it. */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .slice(0, listedIssues)
    .map(({ path, message }) => `${path.length === 0 ? '' : `${path.map(String).join('.')}: `}${message}`)
    .join('; ');
}

const nouns: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function nounOf(expected: string): string {
  return nouns[expected] ?? expected;
}

function gotUnlessMissing(input: unknown): string {
  if (input === undefined) return '';
  if (Array.isArray(input)) return ', got a list';
  return `, got ${typeof input === 'object' && input !== null ? 'an object' : shown(input)}`;
}

/** A value as JSON, cut off: it may be as long as a message. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= repeatedCharacters ? text : `${text.slice(0, repeatedCharacters)}…`;
}

function alternatives(values: readonly unknown[]): string {
  const all = values.map(shown);
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} or ${all[all.length - 1] as string}`;
}

function bound(limit: unknown, origin: string): string {
  if (origin === 'array') return `${String(limit)} ${limit === 1 ? 'item' : 'items'}`;
  return origin === 'string' ? `${String(limit)} characters` : String(limit);
}

function measured(input: unknown): string {
  return Array.isArray(input) || typeof input === 'string' ? String(input.length) : String(input);
}

function remedy(origin: string): string {
  if (origin === 'array') return '; make several requests of it';
  return origin === 'string' ? '; shorten it' : '';
}
