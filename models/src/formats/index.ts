/** Readers and writers of tensor files: .npy and safetensors, with limits and coded errors. */
export { defaultReadLimits, bytesPerElement, type ReadLimits } from './elements.js';
export { decodeHalf, encodeHalf, float16ToFloat32, float32ToFloat16 } from './float16.js';
export { FormatError, type FormatErrorCode } from './format-error.js';
export { readNpy, writeNpy } from './npy.js';
export { readSafetensors, writeSafetensors, type SafetensorsFile } from './safetensors.js';
