/**
 * What the worker and its decoder say to each other over the fork's channel. Pixels do not travel there: they follow on the
 * decoder's standard output, `4·width·height` bytes after each `size`.
 */
import type { ImageErrorCode, ImageLimits } from '../imaging/index.js';

export interface DecodeRequest {
  /** The image file. */
  readonly file: string;
  readonly limits: ImageLimits;
  /** Resident memory of the decoder, in bytes, above which it gives up. */
  readonly mostResidentBytes: number;
}

/** Answers come in the order of the requests, and the next request only after the last byte of the answer. */
export type FromDecoder =
  /** The module is loaded and listens. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'size'; readonly width: number; readonly height: number; readonly residentBytes: number }
  | { readonly kind: 'refused'; readonly code: ImageErrorCode; readonly message: string }
  /** The decoder needs more memory than it may have; whoever hears it kills it. */
  | { readonly kind: 'overMemory'; readonly residentBytes: number }
  /** A defect, for the log. */
  | { readonly kind: 'failed'; readonly stack: string };
