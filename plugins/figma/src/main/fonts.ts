/** A font for labels. Text can only be set in a font that was loaded, and the one we prefer may be missing. */

/** In order of preference. Figma ships the first two; the last resort is any font that the file's user has. */
const preferred: readonly FontName[] = [
  { family: 'Inter', style: 'Regular' },
  { family: 'Roboto', style: 'Regular' },
  { family: 'Arial', style: 'Regular' },
  { family: 'Helvetica', style: 'Regular' },
];

/** Loads the first font that can be had. */
export async function loadLabelFont(): Promise<FontName> {
  for (const font of preferred) if (await canLoad(font)) return font;
  const available = await figma.listAvailableFontsAsync();
  for (const { fontName } of available.slice(0, preferred.length)) if (await canLoad(fontName)) return fontName;
  throw new Error('expected a font that can be loaded, found none');
}

async function canLoad(font: FontName): Promise<boolean> {
  try {
    await figma.loadFontAsync(font);
    return true;
  } catch {
    return false; // missing on this computer: the next one
  }
}
