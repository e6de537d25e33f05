/** The space in which a document's own pixels are. */
import type { PixelSpace } from './colour.js';
import type { DocumentHeader } from './document-state.js';

const spaces = { rgb: 'RGB', grayscale: 'Grayscale', lab: 'Lab', cmyk: 'RGB', indexed: 'RGB' } as const;

export function pixelSpaceOf({ mode, profile, depth }: DocumentHeader): PixelSpace {
  return { space: spaces[mode], profile, depth };
}

/** A name as `getPixels` gives it for 32 bit, and as nothing takes it back. */
export const linearName = (profile: string): string => `${profile} (Linear RGB Profile)`;
