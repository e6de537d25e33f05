/** What passes between a computing thread and the thread it computes for. Nothing of it is validated: both are the same code. */
import type { Tensor } from '@deltaspace/onnx-graph';
import type { RuntimeErrorCode } from './errors.js';

export type LaneRequest =
  | {
      readonly kind: 'open';
      readonly session: number;
      readonly model: Uint8Array;
      readonly threads: number;
      /** Execution provider; the CPU when left out. */
      readonly provider?: string;
    }
  | { readonly kind: 'run'; readonly session: number; readonly feeds: Readonly<Record<string, Tensor>> }
  | { readonly kind: 'close'; readonly session: number };

export type ToLane = LaneRequest & { readonly id: number };

/** The answer to the message of the same id: specs of the model, results of a run, or nothing. */
export type FromLane =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly code: RuntimeErrorCode; readonly message: string };
