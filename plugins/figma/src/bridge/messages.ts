/**
 * Everything the two halves of the plugin say to each other: requests of the UI with their results, and events.
 *
 * The main side runs in Figma's sandbox: it has the document and no network. The UI is an iframe: it has the network and
 * neither document nor storage. Both are built together, and yet Figma may keep one of them from an earlier
 * version, hence the number. Image bytes travel as Uint8Array, which Figma copies; never as text.
 */
import { type BoardLayout } from './board.js';
import { type Json } from './json.js';
import { type Capture, type Launch, type Recipe, type RefusalCode, type Selection } from './selection.js';

/** Grows with every change of a message. Halves of different numbers refuse each other with words. */
export const bridgeVersion = 3;

/** What the UI can ask for: parameters and result of each request. */
export interface Requests {
  /** First of all. Answers how the plugin was started and what is selected; `selection` events follow. */
  hello: {
    params: { readonly bridgeVersion: number };
    result: { readonly launch: Launch; readonly selection: Selection };
  };

  /**
   * The picture of one target. `original` is what was there before our edits, so that a re-edit does not pile up; it is
   * the same as `current` on a layer that was never edited.
   */
  capture: { params: { readonly targetId: string; readonly from: 'current' | 'original' }; result: Capture };

  /**
   * Puts a result onto a layer: one undo step. `sourceKey` is that of the capture it was made from; when the layer shows
   * another picture by now it is refused (`layer_changed`) rather than overwritten. A result that is a new rectangle is
   * selected in place of its layer, unless the user selected something else. `nodeId` is the layer that shows the result.
   */
  apply: { params: Result; result: { readonly nodeId: string } };

  /** Brings back what was there before our edits, on each layer where that is known: one undo step. */
  restore: {
    params: { readonly targetIds: readonly string[] };
    result: { readonly restoredIds: readonly string[]; readonly failures: readonly TargetFailure[] };
  };

  /** The recipe that lies on a layer; null when there is none or it is not ours. */
  recipe: { params: { readonly targetId: string }; result: { readonly recipe: Recipe | null } };

  /**
   * Starts a variations board beside the layer; nothing is seen of it yet. Cells look like that layer: its size, its crop. At most one
   * board is open; opening another drops it.
   */
  'board.open': {
    params: { readonly targetId: string; readonly title: string; readonly layout: BoardLayout };
    result: { readonly boardId: string };
  };

  /**
   * Hands over one cell, in any order. Images leave the message at once: Figma's image store has them. Without a recipe the
   * cell counts as a picture of its own: no edit makes it of a layer, and edits of it start from what it shows.
   */
  'board.cell': {
    params: {
      readonly boardId: string;
      readonly row: number;
      readonly column: number;
      readonly image: Uint8Array;
      readonly recipe: Recipe | null;
    };
    result: Record<string, never>;
  };

  /** Builds the board with the cells it has (missing ones stay empty frames), selects it and zooms there: one undo step. */
  'board.place': {
    params: { readonly boardId: string };
    result: { readonly nodeId: string; readonly cellIds: readonly string[] };
  };

  /** Forgets a board that was not placed. */
  'board.drop': { params: { readonly boardId: string }; result: Record<string, never> };

  /**
   * Starts a batch. Capture the targets one by one, and give each result to `batch.apply`, so that only one picture is in memory.
   * `undo` says what one undo takes back: the whole batch (`once`), or one layer (`each`).
   */
  'batch.open': { params: { readonly undo: 'once' | 'each' }; result: { readonly batchId: string } };

  /** As `apply`, within the batch; the selection stays. Fails for one layer without ending the batch. */
  'batch.apply': { params: Result & { readonly batchId: string }; result: { readonly nodeId: string } };

  /**
   * Ends a batch, also one that was cancelled half-way. `keep` leaves what was applied; `revert` takes it back by hand,
   * unless somebody changed the layer meanwhile (those are among the failures). Closing the window keeps.
   */
  'batch.close': {
    params: { readonly batchId: string; readonly outcome: 'keep' | 'revert' };
    result: { readonly keptIds: readonly string[]; readonly failures: readonly TargetFailure[] };
  };

  /** Selects layers and brings them into view, for instance one that failed; opens the page of the first. */
  reveal: { params: { readonly targetIds: readonly string[] }; result: Record<string, never> };

  /** A value of the plugin's storage on this computer (token, presets); null when there is none. */
  'storage.read': { params: { readonly key: string }; result: { readonly value: Json } };
  'storage.write': { params: { readonly key: string; readonly value: Json }; result: Record<string, never> };
  'storage.remove': { params: { readonly key: string }; result: Record<string, never> };

  /** A line at the bottom of Figma's window; longer texts are cut at `noticeCharacters`. */
  notify: { params: { readonly text: string; readonly tone: 'plain' | 'error' }; result: Record<string, never> };

  /** Size of the plugin's window; brought within `bridgeLimits.window`. */
  resize: { params: { readonly widthPx: number; readonly heightPx: number }; result: Record<string, never> };

  /** Brings up the window of an edit from the command bar, which begins without one. */
  show: { params: Record<string, never>; result: Record<string, never> };

  /** Ends the plugin; an open batch is kept. There is no answer. */
  close: { params: { readonly message?: string }; result: Record<string, never> };
}

/** A result for one layer. PNG or JPEG, sRGB, neither side above `bridgeLimits.imageSidePx`. */
export interface Result {
  readonly targetId: string;
  readonly sourceKey: string;
  readonly image: Uint8Array;
  readonly recipe: Recipe;
  /** What was done, for the name of a new layer and the undo history: `sunglasses · +3`. */
  readonly label: string;
}

/** One layer of several that could not be done. */
export interface TargetFailure extends BridgeFailure {
  readonly targetId: string;
}

/** A failure in words, with a code that stays. */
export interface BridgeFailure {
  readonly code: FailureCode;
  readonly message: string;
}

/** Why a request failed. `Refusal` has those of layers that cannot be edited at all. */
export type FailureCode =
  | RefusalCode
  | 'bridge_version'
  | 'message_invalid'
  | 'layer_gone'
  | 'layer_changed'
  | 'original_gone'
  | 'nothing_to_restore'
  | 'image_too_large'
  | 'image_invalid'
  | 'recipe_too_large'
  | 'no_board'
  | 'no_batch'
  | 'storage_failed'
  | 'internal_error';

export type RequestName = keyof Requests;
export type Params<N extends RequestName> = Requests[N]['params'];
export type Answer<N extends RequestName> = Requests[N]['result'];

/** From the UI to the main side. `requestId` is chosen by the UI and comes back with the answer. */
export type ToMain = {
  [N in RequestName]: { readonly type: N; readonly requestId: number; readonly params: Params<N> };
}[RequestName];

/** From the main side to the UI. */
export type ToUi =
  /** The end of a request. */
  | { readonly type: 'done'; readonly requestId: number; readonly result: Answer<RequestName> }
  | { readonly type: 'failed'; readonly requestId: number; readonly failure: BridgeFailure }
  /** The selection, or something of its layers, is another now. Several changes at once are told once. */
  | { readonly type: 'selection'; readonly selection: Selection };
