/** Front door of the models package: tensor files, networks as graph builders, the tokeniser, and the pack format. */
export * from './formats/index.js';
export * from './networks/index.js';
export * from './pack/index.js';
export { createTokenizer, wordsOf, type EncodedText } from './text/tokenizer.js';
