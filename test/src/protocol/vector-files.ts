/**
 * The vectors as files, test/fixtures/protocol: JSON lines, bytes as hexadecimal digits, for clients in other languages. The
 * format is described in the README beside them.
 */
import type { Frame } from '@deltaspace/shared-protocol';
import { refusedAccessRequests, soundAccessRequests } from './access-vectors.js';
import { refusedBackgroundRequests, soundBackgroundRequests } from './background-vectors.js';
import { conversations } from './conversation-vectors.js';
import { brokenFrames, soundFrames } from './frame-vectors.js';
import { refusedRequests, soundRequests } from './request-vectors.js';

/** File name → content. */
export function vectorFiles(): Readonly<Record<string, string>> {
  return {
    'frames.jsonl': lines(soundFrames.map(({ name, bytes, frame }) => ({ name, hex: hexOf(bytes), ...inHex(frame) }))),
    'broken-frames.jsonl': lines(
      brokenFrames.map(({ name, bytes, complaint }) => ({ name, hex: hexOf(bytes), complaint: complaint.source })),
    ),
    'requests.jsonl': lines([...soundRequests, ...soundAccessRequests, ...soundBackgroundRequests]),
    'refused-requests.jsonl': lines(
      [...refusedRequests, ...refusedAccessRequests, ...refusedBackgroundRequests].map((refused) => ({
        ...refused,
        code: 'invalid_params',
      })),
    ),
    'conversations.jsonl': lines(
      conversations.flatMap(({ name, steps }): object[] => [{ conversation: name }, ...steps]),
    ),
  };
}

function lines(values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

function inHex({ type, header, payload }: Frame): object {
  return { type, header, payloadHex: hexOf(payload) };
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
