/** Decoding of foreign image files in a process of their own. */
export { DecoderProcess, type DecoderOptions } from './decoder-process.js';
export type { DecodeRequest, FromDecoder } from './messages.js';
