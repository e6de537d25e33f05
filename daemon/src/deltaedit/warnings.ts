/**
 * What an edit could not do, said plainly: words the pack does not know, a layer that shows the target already, texts without
 * a difference, and edits after which the picture's own embedding did not move where the text asked.
 */
export type EditWarningCode = 'unknown_words' | 'already_there' | 'no_change' | 'out_of_reach';

/** One warning: a code for programs, a sentence for people. */
export interface EditWarning {
  readonly code: EditWarningCode;
  readonly message: string;
}

/** What is known about an edit once it is done. */
export interface EditFacts {
  readonly unknownWords: readonly string[];
  readonly alreadyShown: readonly string[];
  /** Whether the layer shows everything that the text states: then the picture has nowhere to go. */
  readonly allShown: boolean;
  /** ‖Δ‖. */
  readonly reach: number;
  readonly styleChange: number;
  readonly alignment: number;
}

/**
 * Cosine between Δ and the way the picture's embedding moved below which an edit missed. With avatars 0.2.0, texts that it was
 * made for move 0.86 or more that way, texts that it cannot know 0.35 or less (docs/method.md).
 */
export const smallestAlignment = 0.5;
/** Root mean square change of S, in its standard deviations, below which nobody sees a difference. */
const visibleChange = 0.02;

/** ‖Δ‖ below which there is no direction at all. */
const noReach = 1e-6;

/** The name of an attribute as people read it: `hairColor` → hair color. */
const asWords = (name: string): string => name.replace(/[-_]|(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();

/** The warnings that an edit deserves, the most particular first; `no_change` and `out_of_reach` exclude each other. */
export function warningsOf(facts: EditFacts): EditWarning[] {
  const { unknownWords, alreadyShown, allShown, reach, styleChange, alignment } = facts;
  const warnings: EditWarning[] = [];
  if (unknownWords.length > 0) {
    const words = unknownWords.map((word) => `"${word}"`).join(', ');
    warnings.push({
      code: 'unknown_words',
      message: `the pack does not know ${words}${reach < noReach ? '' : '; the edit follows the other words'}`,
    });
  }
  if (alreadyShown.length > 0)
    warnings.push({
      code: 'already_there',
      message: `the layer seems to show this already: ${alreadyShown.map(asWords).join(', ')}`,
    });
  if (styleChange < visibleChange)
    warnings.push({
      code: 'no_change',
      message:
        reach < noReach
          ? 'source and target say the same to this pack, so nothing was changed'
          : 'next to nothing was changed; a higher strength or a lower threshold goes further',
    });
  else if (alignment < smallestAlignment && !allShown)
    warnings.push({
      code: 'out_of_reach',
      message: `this pack may not be able to show that: the picture moved ${alignment.toFixed(2)} of 1 in the direction of the text`,
    });
  return warnings;
}
