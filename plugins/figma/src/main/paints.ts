/**
 * Fills: which image of a layer is meant, and the same fills with another image in its place.
 *
 * Figma's fills are frozen lists: copies are changed and assigned. The crop (`imageTransform`), filters, opacity and
 * blend mode belong to the paint and stay.
 */

/** A place among the fills of a layer. */
export interface ImageFill {
  readonly index: number;
  readonly paint: ImagePaint & { readonly imageHash: string };
  /** Whether other images can be seen in the same layer. */
  readonly hasOthers: boolean;
}

const isSeen = (paint: Paint): boolean => paint.visible !== false && (paint.opacity ?? 1) > 0;

const isImage = (paint: Paint): paint is ImagePaint & { readonly imageHash: string } =>
  paint.type === 'IMAGE' && paint.imageHash !== null;

/** The fills of a layer; `mixed` when they differ within it, an empty list when it cannot have any. */
export function fillsOf(node: SceneNode): readonly Paint[] | 'mixed' {
  if (!('fills' in node)) return [];
  const { fills } = node; // read once: every read crosses into the editor
  return fills === figma.mixed ? 'mixed' : fills;
}

/** The topmost image that can be seen in a layer; null when there is none. */
export function imageFillOf(node: SceneNode): ImageFill | null {
  const fills = fillsOf(node);
  if (fills === 'mixed') return null;
  const seen = fills.map((paint, index) => ({ paint, index })).filter(({ paint }) => isSeen(paint));
  const images = seen.filter(({ paint }) => isImage(paint));
  const top = images[images.length - 1];
  if (top === undefined || !isImage(top.paint)) return null;
  return { index: top.index, paint: top.paint, hasOthers: images.length > 1 };
}

/** How far a corner of the image may lie outside of the layer before it counts as hidden: rounding in the file. */
const cropTolerance = 0.001;

/**
 * Whether a crop hides a part of its image. `imageTransform` goes from the unit square of the layer to that of the image: all
 * is seen when it takes the corners of the image back into the layer.
 */
export function hidesPart({ scaleMode, imageTransform }: ImagePaint): boolean {
  if (scaleMode !== 'CROP' || imageTransform === undefined) return false;
  const [[a, c, e], [b, d, f]] = imageTransform;
  const determinant = a * d - b * c;
  const isInside = (place: number): boolean => place >= -cropTolerance && place <= 1 + cropTolerance;
  return [0, 1].some((x) =>
    [0, 1].some((y) => {
      const [dx, dy] = [x - e, y - f];
      return !isInside((d * dx - c * dy) / determinant) || !isInside((a * dy - b * dx) / determinant);
    }),
  );
}

/** Proportions to which a layer cuts an image that fills it, as the image sees them; undefined where nothing is cut so. */
export function cutOf(paint: ImagePaint, { width, height }: DimensionAndPositionMixin): number | undefined {
  if (paint.scaleMode !== 'FILL') return undefined;
  const isOnItsSide = Math.abs(paint.rotation ?? 0) % 180 === 90;
  return isOnItsSide ? height / width : width / height;
}

/** Whether a video can be seen in a layer. */
export function hasVideo(node: SceneNode): boolean {
  const fills = fillsOf(node);
  return fills !== 'mixed' && fills.some((paint) => paint.type === 'VIDEO' && isSeen(paint));
}

/**
 * The same paint with another image. Tiles are measured in pixels of the image: where the new one has another width, their
 * scale makes up for it.
 */
export function withImage(paint: ImagePaint, imageHash: string, widthRatio = 1): ImagePaint {
  if (paint.scaleMode !== 'TILE' || widthRatio === 1) return { ...paint, imageHash };
  return { ...paint, imageHash, scalingFactor: (paint.scalingFactor ?? 1) / widthRatio };
}

/** Replaces one paint of a layer. */
export function setPaint(node: SceneNode & MinimalFillsMixin, index: number, paint: Paint): void {
  const fills = fillsOf(node);
  if (fills === 'mixed') throw new Error('expected fills that are the same everywhere, got mixed ones');
  node.fills = fills.map((old, at) => (at === index ? paint : old));
}
