/**
 * Several subjects in one layer: the daemon is shown a small copy of it, and only the chosen one is read and sent in full.
 */
import type { CancelSignal } from '@deltaspace/shared-protocol';
import { LayerUpload, type EditingClient } from '@deltaspace/plugin-core';
import type { Bounds } from '../../host/photoshop-port.js';
import type { Picture } from '../../host/uxp-globals.js';
import type { Capture } from '../../layer/capture.js';
import { heightOf, intersect, widthOf } from '../../layer/bounds.js';
import { cutPicture, reducePicture } from './pictures.js';

export const subjectLimits = {
  /** Longer side of the copy in which subjects are looked for, in pixels. */
  copySidePx: 512,
  /** Subjects that are offered. */
  count: 32,
  /** Longer side of the picture by which a subject is told from the others, in pixels. */
  pictureSidePx: 80,
} as const;

export interface LayerSubject {
  /** In document pixels. */
  readonly bounds: Bounds;
  readonly picture: Picture;
}

/**
 * The subjects of a captured layer in reading order; none when it is one as a whole, or when
 * the daemon does not look for subjects.
 * @throws ProtocolError as the method `subjects` does.
 */
export async function findSubjects(
  client: EditingClient,
  capture: Capture,
  signal?: CancelSignal,
): Promise<readonly LayerSubject[]> {
  if (client.session.capabilities['subjects'] !== true) return [];
  const { rgba, size } = capture;
  const copy = reducePicture({ rgba, ...size }, subjectLimits.copySidePx);
  const upload = new LayerUpload({ encoding: 'rgba8', bytes: copy.rgba, width: copy.widthPx, height: copy.heightPx });
  const image = await upload.upload(client, signal);
  const { subjects } = await client.call('subjects', { image }, signal === undefined ? {} : { signal });
  if (subjects.length < 2) return [];
  const [across, down] = [widthOf(capture.bounds) / copy.widthPx, heightOf(capture.bounds) / copy.heightPx];
  const { left, top } = capture.bounds;
  return subjects.slice(0, subjectLimits.count).map(({ x, y, width, height }) => ({
    bounds: intersect(capture.bounds, {
      left: left + Math.floor(x * across),
      top: top + Math.floor(y * down),
      right: left + Math.ceil((x + width) * across),
      bottom: top + Math.ceil((y + height) * down),
    }),
    picture: reducePicture(cutPicture(copy, { x, y, width, height }), subjectLimits.pictureSidePx),
  }));
}
