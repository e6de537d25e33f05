/**
 * The one error of decoding and checking images: the input is not an image we can edit. The codes are those of the wire.
 */

/** Stable codes; callers branch on these, never on the message. */
export type ImageErrorCode =
  'image_empty' | 'image_format_unknown' | 'image_damaged' | 'image_too_large' | 'image_timeout' | 'image_invalid';

/** An image was refused. */
export class ImageError extends Error {
  override readonly name = 'ImageError';

  constructor(
    readonly code: ImageErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
