/**
 * sharp, loaded when it is first needed: that takes 0.2 s, and the worker starts and edits raw pixels without it. Call it ahead
 * where a use is certain and there is time.
 */
import type sharp from 'sharp';

export const loadSharp = async (): Promise<typeof sharp> => (await import('sharp')).default;
