/** Bounds of what crosses between the two halves of the plugin, and of what Figma itself accepts. */
export const bridgeLimits = {
  /** Longest side of an image that Figma takes, in pixels; `createImage` throws above it. */
  imageSidePx: 4096,
  /** One encoded image. A PNG of 4096 × 4096 with alpha that does not compress is 64 MiB. */
  imageBytes: 72 * 1024 * 1024,
  /** A recipe as JSON, in UTF-8 bytes. Figma takes 100 kB per entry of plugin data, its key included. */
  recipeBytes: 90_000,
  /** Layers of one selection that are looked at; the selection says when there were more. */
  targets: 50,
  /** Cells of one variations board. */
  boardCells: 64,
  /** Characters of a name, a label or a title. */
  labelCharacters: 120,
  /** Characters of a text for the user. Figma's own bound for a notification. */
  noticeCharacters: 100,
  /** Characters of an id of Figma, or of one that the UI chooses. */
  idCharacters: 200,
  /** Characters of a key of the plugin's storage. */
  storageKeyCharacters: 64,
  /** One stored value as JSON, in characters. Figma gives a plugin 5 MB in all. */
  storageValueCharacters: 1_000_000,
  /** Window of the plugin, in CSS pixels. */
  window: { minimumPx: 240, maximumPx: 1200 },
} as const;
