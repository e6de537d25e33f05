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
