/** The plugin's storage on this computer: the UI has none of its own. Keys are ours alone; Figma keeps them apart by plugin. */
import { bridgeLimits, isJson, type Json } from '../bridge/index.js';
import { MainFailure } from './failure.js';

/** Key of the texts that were used last, newest first; the UI writes them, the command bar suggests them. */
export const recentTextsKey = 'recentTexts';

/** A stored value; null when there is none, or it is not JSON. */
export async function readStored(key: string): Promise<Json> {
  const value: unknown = await guarded(() => figma.clientStorage.getAsync(key));
  return isJson(value) ? value : null;
}

export async function writeStored(key: string, value: Json): Promise<void> {
  const sizeCharacters = JSON.stringify(value).length;
  if (sizeCharacters > bridgeLimits.storageValueCharacters) throw new MainFailure('storage_failed');
  await guarded(() => figma.clientStorage.setAsync(key, value));
}

export const removeStored = (key: string): Promise<void> => guarded(() => figma.clientStorage.deleteAsync(key));

async function guarded<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch {
    throw new MainFailure('storage_failed'); // the quota, nearly always
  }
}
