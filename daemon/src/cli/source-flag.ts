/** `--source`: a text, or one of the two words that stand for a way to find one. */
import type { EditSource } from '@deltaspace/shared-protocol';

/** `auto` and `domain` are modes; anything else is the text itself (write "a domain" for that text). */
export function sourceOf(flag: string): EditSource {
  return flag === 'auto' || flag === 'domain' ? { mode: flag } : flag;
}
