/** What one decoder process may use, with reasons. What an image may be is in `ImageLimits`. */
export const decoderLimits = {
  /**
   * Resident memory while decoding. The largest image that is accepted, 64 megapixels of 16 bit, interlaced and turned by its
   * EXIF orientation, takes 512 MB for its pixels, as much again for turning and 256 MB for the result, by arithmetic.
   */
  mostResidentBytes: 2 * 2 ** 30,
  /** A decoder that has grown beyond this is replaced after the image: allocators keep what was freed. */
  keptResidentBytes: 384 * 2 ** 20,
  /** Images after which a decoder is replaced: what a library leaks, or a file corrupts unseen, ends with the process. */
  imagesPerProcess: 200,
  /** Heap of JavaScript, in MiB, which holds no pixels. */
  heapMebibytes: 128,
} as const;
