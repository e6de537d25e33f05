/**
 * Every word of the main side that a person reads, in one table. Sentences say what is wrong and what to do.
 *
 * Notifications hold 100 characters (`bridgeLimits.noticeCharacters`); a test counts. The UI has its own words.
 */
import { bridgeLimits, type FailureCode, type NoteCode } from '../bridge/index.js';

/** Codes whose words stand alone. `internal_error` and `message_invalid` carry what happened instead. */
type WordedCode = Exclude<FailureCode, 'internal_error' | 'message_invalid'>;

const side = bridgeLimits.imageSidePx;

export const failureWords: Readonly<Record<WordedCode, string>> = {
  layer_locked: 'This layer, or one around it, is locked. Unlock it to edit it.',
  layer_hidden: 'This layer is hidden. Show it to edit it.',
  layer_empty: 'There is nothing to see in this layer.',
  layer_too_thin: 'This layer is less than a pixel wide or high. Select one with an area.',
  layer_unsupported: 'Layers of this kind cannot be edited. Select an image, a shape, a text or a frame.',
  video_fill: 'This layer shows a video. Use an image instead.',
  image_missing: 'Figma does not have the image of this layer. Place it anew.',
  bridge_version: 'Figma kept a part of an earlier version. Close the plugin and start it again.',
  layer_gone: 'The layer was deleted meanwhile. The result was not applied.',
  layer_changed: 'The layer shows another picture than the one that was edited. Run the edit again.',
  original_gone: 'The layer that this was made from was deleted. Edit what is here instead.',
  nothing_to_restore: 'This layer has not been edited here, or its image was replaced since.',
  image_too_large: `The result is larger than ${side} × ${side} pixels, the most that Figma takes. Make it smaller.`,
  image_invalid: 'The result is not a PNG or JPEG that Figma can read.',
  recipe_too_large: 'The description of this edit is too long to be kept with the layer. Use fewer texts.',
  no_board: 'This board was placed or dropped already. Start a new one.',
  no_batch: 'This batch has ended. Start a new one.',
  storage_failed: 'Figma did not keep the plugin’s settings. Free some space on this computer.',
};

export const noteWords: Readonly<Record<NoteCode, string>> = {
  several_images: 'Several images lie in this layer; the topmost one is edited.',
  cropped: 'The whole image is edited, also what the crop hides. The crop stays.',
  board_picture: 'This picture of a board cannot be edited again as it was made. Edits start from what it shows.',
  component_changed: 'A component, or part of one: its instances change, too.',
  mixed_fills: 'The fills differ within this layer; a picture of the whole layer is edited.',
  instance_override: 'Part of an instance: only this instance changes.',
  shown_over_instance: 'Part of an instance: the result is laid over the whole instance.',
};

export const words = {
  title: 'deltaspace',
  selectSomething: 'Select a layer: an image, a shape, a text or a frame.',
  selectOther: 'Nothing that is selected can be edited. Select another layer.',
  wrongEditor: {
    dev: 'deltaspace changes layers, and Dev Mode only reads them. Switch to Design mode.',
    other: 'deltaspace works in Figma Design. Open a design file to use it.',
  },
  relaunch: {
    edit: 'Change the text or the strength of this edit',
    variations: 'Make a board of variations',
  },
  restored: (count: number) => (count === 1 ? 'The original is back.' : `${count} originals are back.`),
  nothingRestored: 'None of the selected layers was edited here.',
  parameterTexts: ['sunglasses', 'a smile', 'blue hair', 'glasses', 'a beard', 'a hat', 'angry', 'surprised'],
  parameterStrengths: [
    { name: '1: a hint', data: '1' },
    { name: '2: clear', data: '2' },
    { name: '3: strong', data: '3' },
    { name: '−1: the opposite', data: '-1' },
  ],
  parameterNeedsText: 'Say what to change, in at most 200 characters.',
  parameterNeedsStrength: 'Give a number from −10 to 10.',
  overlayName: (layer: string, label: string) => `${layer} · ${label}`,
  boardName: (title: string) => `deltaspace · ${title}`,
  cellName: (row: string, column: string) => [row, column].filter((part) => part !== '').join(' · '),
  emptyCell: 'empty',
  internal: (problem: string) => `Something went wrong in the plugin: ${problem}`,
} as const;
