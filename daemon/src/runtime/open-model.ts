/** Opens a bound model on the path that was asked for, or on the best one there is. */

import type { BoundModel, BoundModelOptions } from './bound-model.js';
import { RuntimeError } from './errors.js';
import { loadNativeLibrary } from './native-library.js';
import { openNativeModel } from './native-session.js';
import { openPublicModel } from './public-session.js';

/** Rejects with 'runtime/model-rejected', or 'runtime/native-unavailable' when the native path was asked for. */
export async function openBoundModel(
  bytes: Uint8Array,
  options: BoundModelOptions,
): Promise<{ model: BoundModel; fallbackReason?: string }> {
  const { threads } = options;
  if (options.path === 'public') return { model: await openPublicModel(bytes, { threads }) };
  try {
    const library = await loadNativeLibrary();
    const config = options.yieldAfterRun ? { 'session.force_spinning_stop': '1' } : {};
    return { model: openNativeModel(library, bytes, { threads, config }) };
  } catch (error) {
    const unavailable = error instanceof RuntimeError && error.code === 'runtime/native-unavailable';
    if (options.path === 'native' || !unavailable) throw error;
    return { model: await openPublicModel(bytes, { threads }), fallbackReason: error.message };
  }
}
