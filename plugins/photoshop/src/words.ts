/**
 * Every word of the host side that a person reads, in one table: refusals, names of steps, notes on a result.
 *
 * Each refusal says what is the case and what to do. Codes (`LayerErrorCode`) are for programs; these texts may change.
 */

const modeNames: Readonly<Record<string, string>> = {
  cmyk: 'CMYK',
  indexed: 'Indexed Color',
  bitmap: 'Bitmap',
  multichannel: 'Multichannel',
  duotone: 'Duotone',
};

const kindNames: Readonly<Record<string, string>> = {
  adjustment: 'an adjustment layer',
  video: 'a video layer',
  threeD: 'a 3D layer',
};

const productName = 'deltaspace';

export const words = {
  // names in Photoshop's menus
  panelTitle: productName,
  repeatLastEdit: 'Repeat last edit',

  // names of steps, as Photoshop shows them
  readingLayer: `${productName}: read layer`,
  writingLayer: (name: string): string => `${productName}: ${name}`,
  placing: (name: string): string => `${productName}: place ${name}`,
  readingRecipe: `${productName}: read edit`,
  recordedStep: (name: string): string => `${productName}: ${name}`,

  // refusals before any work
  noDocument: 'No document is open. Open a picture, select a layer, then try again.',
  modeUnsupported: (mode: string): string =>
    `This document is in ${modeNames[mode] ?? 'an unknown'} mode. Choose Image > Mode > RGB Color (Grayscale and Lab work too), or edit a copy of it.`,
  noLayer: 'No layer is selected. Select the layer to edit in the Layers panel.',
  manyLayers: (count: number): string => `${count} layers are selected. Select the one to edit.`,
  kindUnsupported: (kind: string, name: string): string =>
    `"${name}" is ${kindNames[kind] ?? 'a layer without pixels of its own'}. Select a layer with pixels, or convert this one to a smart object first.`,
  groupMixed: (name: string): string =>
    `The layers of the group "${name}" blend with what is below it. Set its blend mode from Pass Through to Normal, or convert it to a smart object first.`,
  groupUnreadable: (name: string): string =>
    `This version of Photoshop does not give the picture of the group "${name}". Convert it to a smart object first.`,
  layerEmpty: (name: string): string => `"${name}" has no pixels. Select a layer that has some.`,
  layerOffCanvas: (name: string): string => `"${name}" lies outside the canvas. Move it into the picture first.`,
  selectionMissesLayer: (name: string): string =>
    `The selection does not touch "${name}". Deselect, or select a part of the layer.`,
  lockedGroup: (name: string): string =>
    `The group around "${name}" is locked. Unlock it, so that a layer can be added.`,

  // refusals when the result comes
  documentClosed: (name: string): string => `"${name}" was closed meanwhile. Open it and run the edit again.`,
  layerGone: (name: string): string =>
    `"${name}" was deleted meanwhile. The result can be placed as a layer of its own.`,
  documentChanged: (name: string): string =>
    `The mode or bit depth of "${name}" was changed meanwhile. Run the edit again.`,
  resultLocked: (name: string): string => `"${name}" is locked. Unlock it, so that its edit can be replaced.`,
  nothingChanged: 'The edit changed nothing here. Raise its strength or describe a larger difference.',
  sizeMismatch: (expected: string, actual: string): string =>
    `The daemon answered with a picture of ${actual} instead of ${expected}. Update plugin and daemon to the same version.`,

  // editing a result again
  noRecipe: (name: string): string => `"${name}" was not made by an edit of this document. Select a result layer.`,
  sourceGone: (name: string): string =>
    `The layer "${name}", from which the edit was made, is not in the document any more.`,
  recipeUnreadable: 'The step carries no edit that this version can read. Record it again.',

  // the panel
  nothingSelected: 'Select a layer to edit.',
  prompt: 'What shall it show?',
  promptMore: 'and …',
  add: 'Add',
  preview: 'Preview',
  reEdit: 'Re-edit',
  before: 'Before',
  after: 'After',
  heatMap: 'Heat map',
  apply: 'Apply',
  replace: 'Replace',
  cancel: 'Cancel',
  dismiss: 'Dismiss',
  place: 'Place as a new layer',
  history: 'History',
  restore: 'Restore',
  favourite: 'Keep',
  noLongerFavourite: 'Let go',
  remove: 'Remove',
  readingTheLayer: 'Reading the layer…',
  writingTheLayer: 'Writing the layer…',
  previewHint: 'The preview appears here.',
  reEditHint: (name: string, sourceName: string): string => `"${name}" was made from "${sourceName}".`,
  wholeLayer: 'the whole layer',
  insideSelection: 'inside the selection',
  severalSubjects: (count: number): string => `${count} subjects: choose one`,
  subject: (number: number): string => `Subject ${number}`,
  codeField: 'Pairing code',
  retryIn: (seconds: number): string => `Tries again in ${seconds} s.`,
  applied: (name: string): string => `"${name}" is a new layer.`,
  replaced: (name: string): string => `"${name}" was changed.`,
  layerFacts: (document: string, widthPx: number, heightPx: number): string =>
    `${document} · ${widthPx} × ${heightPx} px`,

  // commands
  noEditYet: 'There is no edit to repeat yet. Open the deltaspace panel and make one.',

  // the host
  hostBusy: 'Photoshop is busy: a dialog or another plugin is open. Close it and try again.',
  cancelled: 'Cancelled.',
  unexpected: (what: string): string =>
    `Something went wrong that should not have: ${what}. Try again; the document is as Photoshop shows it.`,

  // notes on a result that was written all the same
  recipeNotStored:
    'The edit was written, but it cannot be changed later: the metadata of this document could not be extended.',
} as const;
