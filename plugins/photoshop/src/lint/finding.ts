/** What the UXP lint has found: a rule, the place, and what to do instead. */

export interface Finding {
  /** Stable name of the rule. */
  readonly rule: string;
  /** 1-based line in the text that was looked at. */
  readonly line: number;
  readonly message: string;
}

/** The line in which a position of a text lies, counted from 1. */
export function lineAt(text: string, position: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < position; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

/** Replaces what a pattern matches by blanks, so that positions and lines stay where they are. */
export const blank = (text: string, pattern: RegExp): string =>
  text.replace(pattern, (match) => match.replace(/[^\n]/g, ' '));
