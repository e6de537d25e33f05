/**
 * What the top of a panel says about the connection. Undefined: everything is well, show no banner.
 */
import type { Problem, ProblemAction, ProblemCode } from '../connection/problems.js';
import type { ConnectionState } from '../connection/state.js';

export interface BannerView {
  readonly code: ProblemCode;
  readonly tone: 'busy' | 'info' | 'problem';
  readonly title: string;
  readonly text: string;
  readonly steps: readonly string[];
  readonly command: string | undefined;
  /** The button: try again, or enter the code (then a field for it is shown, too). */
  readonly action: { readonly kind: Exclude<ProblemAction, 'wait'>; readonly label: string } | undefined;
  /** When the panel tries again by itself, in milliseconds from now; undefined when it does not. */
  readonly retryInMs: number | undefined;
}

const busy: ReadonlySet<ProblemCode> = new Set(['looking', 'opening', 'daemon_loading']);
const informing: ReadonlySet<ProblemCode> = new Set([
  'not_started',
  'not_paired',
  'daemon_stopping',
  'connection_lost',
]);
const labels = { retry: 'Try again', pair: 'Pair' } as const;

/** @param nowMs of the platform's clock. */
export function bannerOf(state: ConnectionState, nowMs: number): BannerView | undefined {
  const why = state.kind === 'connected' ? state.notice : state.problem;
  if (why === undefined) return undefined;
  const retryInMs = state.kind === 'waiting' ? Math.max(0, state.retryAtMs - nowMs) : undefined;
  return {
    code: why.code,
    tone: toneOf(why),
    title: why.title,
    text: why.explanation,
    steps: why.steps,
    command: why.command,
    action: why.action === 'wait' ? undefined : { kind: why.action, label: labels[why.action] },
    retryInMs,
  };
}

function toneOf({ code }: Problem): BannerView['tone'] {
  if (busy.has(code)) return 'busy';
  return informing.has(code) ? 'info' : 'problem';
}
