/**
 * What stands in the way of an edit, with a stable code and with words for the person who asked for it.
 */
import { HostError } from '../host/host-error.js';
import { words } from '../words.js';

export type LayerErrorCode =
  | 'no_document'
  | 'mode_unsupported'
  | 'no_layer'
  | 'many_layers'
  | 'kind_unsupported'
  | 'group_mixed'
  | 'layer_empty'
  | 'layer_off_canvas'
  | 'selection_misses_layer'
  | 'locked_group'
  | 'document_closed'
  | 'document_changed'
  | 'result_locked'
  | 'layer_gone'
  | 'nothing_changed'
  | 'size_mismatch'
  | 'no_recipe'
  | 'source_gone'
  | 'recipe_unreadable';

export class LayerError extends Error {
  readonly code: LayerErrorCode;

  constructor(code: LayerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LayerError';
    this.code = code;
  }

  /** Whether the result can still be placed in the document as a layer of its own (`placeEdit`). */
  get canPlace(): boolean {
    return this.code === 'layer_gone';
  }
}

/** What to tell a person about a failure of this folder or of the host; undefined for what is neither, which is a bug. */
export function wordsFor(error: unknown): string | undefined {
  if (error instanceof LayerError) return error.message;
  if (!(error instanceof HostError)) return undefined;
  if (error.code === 'busy') return words.hostBusy;
  return error.code === 'cancelled' ? words.cancelled : error.message;
}
