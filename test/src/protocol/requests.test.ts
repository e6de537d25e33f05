import { describe, expect, it } from 'vitest';
import {
  decodeEnvelope,
  describeIssues,
  encodeEnvelope,
  explainIssue,
  isMethodName,
  methods,
} from '@deltaspace/shared-protocol';
import { refusedAccessRequests, soundAccessRequests } from './access-vectors.js';
import { refusedBackgroundRequests, soundBackgroundRequests } from './background-vectors.js';
import { refusedRequests, soundRequests } from './request-vectors.js';

const sound = [...soundRequests, ...soundAccessRequests, ...soundBackgroundRequests];
const refused = [...refusedRequests, ...refusedAccessRequests, ...refusedBackgroundRequests];

/** Reads a request as the daemon does, up to the check of its params. */
function receive(text: string) {
  const envelope = decodeEnvelope(text);
  if (envelope.kind !== 'request' || !isMethodName(envelope.method)) throw new Error('expected a known request');
  return methods[envelope.method].params.safeParse(envelope.params, { error: explainIssue });
}

describe('requests', () => {
  it.each(sound)('$name is written byte for byte', ({ text, method, params }) => {
    const { id } = JSON.parse(text) as { id: number };
    expect(encodeEnvelope({ kind: 'request', id, method, params })).toBe(text);
  });

  it.each(sound)('$name is read, with what it left out filled in', ({ text, method, params, filled }) => {
    expect(decodeEnvelope(text)).toMatchObject({ kind: 'request', method, params });
    expect(receive(text)).toEqual({ success: true, data: { ...params, ...filled } });
  });

  it.each(refused)('$name is refused, and why', ({ text, complaint }) => {
    const { error } = receive(text);
    expect(error && describeIssues(error)).toContain(complaint);
  });
});
