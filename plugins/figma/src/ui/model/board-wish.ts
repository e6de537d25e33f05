/** What a board shall show, what making it needs, and what became of it. */
import { type EditSession, type EditSessionOptions } from '@deltaspace/plugin-core';
import { type UiBridge } from '../ui-bridge.js';
import { type CapturedPicture } from './captured-picture.js';

export type BoardWish =
  /** One row per text, one column per strength. */
  | { readonly kind: 'grid'; readonly texts: readonly string[]; readonly strengths: readonly number[] }
  /** From the layer edited by one text to the layer edited by another. */
  | { readonly kind: 'texts'; readonly from: string; readonly to: string; readonly steps: number }
  /** From the layer to another one. */
  | { readonly kind: 'layers'; readonly other: CapturedPicture; readonly steps: number }
  /** The session's layer first. */
  | { readonly kind: 'mix'; readonly pictures: readonly CapturedPicture[] };

export interface BoardParts {
  readonly bridge: Pick<UiBridge, 'request'>;
  readonly session: EditSession;
  readonly picture: CapturedPicture;
  /** For sessions of further layers. */
  readonly options: Omit<EditSessionOptions, 'layer'>;
  readonly isCancelled: () => boolean;
  /** Shows the progress of a further session, and lets it be cancelled, until the function that it returns is called. */
  follow(session: EditSession): () => void;
}

export interface CellPlace {
  readonly row: number;
  readonly column: number;
}

export interface BoardOutcome {
  readonly doneCount: number;
  readonly emptyCount: number;
  readonly firstFailure: string | undefined;
}

/** The user ended it. */
export class CancelledBoard extends Error {
  constructor() {
    super('The board was cancelled.');
    this.name = 'CancelledBoard';
  }
}

/** Bounds of the choices that the panel offers. */
export const boardChoices = {
  /** Frames of a strip, both ends included. */
  steps: { minimum: 3, maximum: 12, initial: 5 },
  /** Layers of a style mix: every one is mixed with every other. */
  mixedLayers: 4,
} as const;
