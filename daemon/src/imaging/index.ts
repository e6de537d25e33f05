/** Pixels: decoding, encoding, the view networks have of a layer, and composing an edit back onto it. */
export { composeEdit, structureChange } from './compose.js';
export { contactSheet, type SheetOptions } from './contact-sheet.js';
export { checkFileSize, decodeImage, restrictToDecoding } from './decode.js';
export { encodePng } from './encode.js';
export { differenceHeatmap, differenceMap, fullScaleDifference, heatmapWithLegend } from './heatmap.js';
export { ImageError, type ImageErrorCode } from './image-error.js';
export { loadSharp } from './load-sharp.js';
export { layerPicture, pictureOf, toByte, toLayerPlanes, toNetworkImage } from './network-image.js';
export { cropRegion, isInside, pasteRegion, type Region } from './region.js';
export { findSubjects, type Subjects } from './subjects.js';
export { shrinkToSide } from './shrink.js';
export { checkImageSize, defaultImageLimits, pixelImage, type ImageLimits, type PixelImage } from './pixel-image.js';
