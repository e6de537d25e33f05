/** What the panel shows, as one value: the views draw it and know nothing else. */
import type { Activity, ConnectionState, EditSessionState, PackSummary, Recipe } from '@deltaspace/plugin-core';
import type { Picture } from '../../host/uxp-globals.js';
import type { LayerSubject } from './subjects.js';
import type { Target } from './target.js';

export interface Notice {
  readonly tone: 'info' | 'problem';
  readonly text: string;
  /** What helps: placing a result whose source is gone. */
  readonly action?: 'place';
}

/** Something that Apply does, which goes on whatever layer is selected meanwhile. */
export interface ApplyTask {
  readonly layerName: string;
  readonly stage: 'reading' | 'editing' | 'writing';
  readonly activity: Activity | undefined;
}

export interface PanelState {
  readonly connection: ConnectionState;
  /** The pack that the recipe uses, when it is known. */
  readonly pack: PackSummary | undefined;
  readonly target: Target;
  readonly recipe: Recipe;
  /** The session of the target, once it was captured. */
  readonly session: EditSessionState | undefined;
  readonly isReading: boolean;
  /** The captured layer as it was. */
  readonly original: Picture | undefined;
  /** Several subjects of the layer; none when it is one as a whole. */
  readonly subjects: readonly LayerSubject[];
  readonly subject: number;
  readonly showsHeatmap: boolean;
  readonly task: ApplyTask | undefined;
  readonly notice: Notice | undefined;
}
