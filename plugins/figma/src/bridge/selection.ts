/**
 * What the UI learns of the document: targets (layers that can be edited), and for all others the reason in words.
 *
 * Plain data only, no node of Figma. Pixels are never part of it: they are asked for one target at a time (`capture`).
 */
import { type Json } from './json.js';

/**
 * How a layer gives its picture and takes the result.
 * `fill`: it is filled with an image; the result replaces that image in place, crop and filters stay.
 * `export`: anything else that can be drawn; the result becomes a rectangle exactly over it.
 */
export type TargetKind = 'fill' | 'export';

/** A layer that can be edited. */
export interface Target {
  /** Figma's id of the layer. */
  readonly id: string;
  readonly name: string;
  readonly kind: TargetKind;
  /** Figma's word for the layer, `FRAME`, `TEXT`, …, for an icon. */
  readonly nodeType: string;
  /** Size of the layer in Figma's pixels, not of its image. */
  readonly widthPx: number;
  readonly heightPx: number;
  /**
   * Proportions, width over height, to which the layer cuts an image that fills it; absent where nothing is cut so. Of a
   * crop that the user made, the note `cropped` tells.
   */
  readonly cutTo?: number;
  /** Whether a recipe lies on the layer (`recipe` gives it). */
  readonly hasRecipe: boolean;
  /** Whether `restore` can bring back what was there before our edits. */
  readonly canRestore: boolean;
  /** What the user should know before an edit, in words; often empty. */
  readonly notes: readonly Note[];
}

/** A layer that cannot be edited, and why. */
export interface Refusal {
  readonly id: string;
  readonly name: string;
  readonly code: RefusalCode;
  /** A whole sentence for the user. */
  readonly message: string;
}

/** Something to know about a target. */
export interface Note {
  readonly code: NoteCode;
  readonly message: string;
}

/** Why a layer is refused. */
export type RefusalCode =
  | 'layer_locked'
  | 'layer_hidden'
  | 'layer_empty'
  | 'layer_too_thin'
  | 'layer_unsupported'
  | 'video_fill'
  | 'image_missing';

/** What is special about a layer that can be edited. */
export type NoteCode =
  | 'several_images'
  | 'mixed_fills'
  | 'cropped'
  | 'board_picture'
  | 'component_changed'
  | 'instance_override'
  | 'shown_over_instance';

/** The selection as it is now; sent whole each time. */
export interface Selection {
  readonly targets: readonly Target[];
  readonly refusals: readonly Refusal[];
  /** Selected layers in all; more than are listed when the selection is larger than `bridgeLimits.targets`. */
  readonly selectedCount: number;
  /** One sentence that says what to do next when nothing can be edited; absent when there is a target. */
  readonly advice?: string;
}

/** What the plugin was started for. */
export type Launch =
  /** From the menu: nothing particular. */
  | { readonly command: 'open' }
  /** By the relaunch button “Re-edit”, or by the menu entry; the first target's recipe is to be opened. */
  | { readonly command: 'edit' }
  /** By the relaunch button “More variations”. */
  | { readonly command: 'variations' }
  /** From the command bar: the edit is to be run at once, and the window is hidden until `show`. `strength` is absent when it was not typed. */
  | { readonly command: 'quick'; readonly text: string; readonly strength?: number };

/** The picture of one target, as encoded bytes. */
export interface Capture {
  readonly targetId: string;
  readonly kind: TargetKind;
  /** The image file. For a `fill` it is what was uploaded to Figma, uncropped and in its own colour space. */
  readonly bytes: Uint8Array;
  /** What the bytes are. A GIF is its file: take the first frame; the result will stand still. */
  readonly mediaType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  /** Size of the picture in pixels. Results must have it, or its proportions when it is above `imageSidePx`. */
  readonly widthPx: number;
  readonly heightPx: number;
  /**
   * Names the picture: equal keys, equal pixels. Given back with a result, by which `apply` knows that the layer still
   * shows what was captured.
   */
  readonly sourceKey: string;
}

/** What the UI keeps with a layer to be able to edit it again; opaque to the main side. */
export type Recipe = { readonly [key: string]: Json };
