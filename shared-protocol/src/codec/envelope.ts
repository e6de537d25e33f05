/**
 * Text messages: JSON-RPC 2.0 requests, notifications and answers, one object per message.
 *
 * Batches are refused: requests run concurrently anyway, and a batch would only hide sizes from the limits.
 * This file knows the envelope; what is inside `params` and `result` is checked against messages/ by the callers.
 */
import * as z from 'zod';
import { wireErrorSchema, type WireError } from '../errors.js';
import { protocolLimits } from '../limits.js';
import { requestIdSchema, type RequestId } from '../messages/schema.js';

export interface RequestEnvelope {
  readonly kind: 'request';
  readonly id: RequestId;
  readonly method: string;
  readonly params: unknown;
}

export interface NotificationEnvelope {
  readonly kind: 'notification';
  readonly method: string;
  readonly params: unknown;
}

export interface AnswerEnvelope {
  readonly kind: 'answer';
  readonly id: RequestId | null;
  readonly outcome: { readonly result: unknown } | { readonly error: WireError };
}

export type Envelope = RequestEnvelope | NotificationEnvelope | AnswerEnvelope;

/** Text that is no envelope. The receiver closes the connection. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError';
}

const version = z.literal('2.0');
const method = z.string().min(1).max(64);
const params = z.record(z.string(), z.unknown()).exactOptional();

const requestSchema = z.strictObject({ jsonrpc: version, id: requestIdSchema, method, params });
const notificationSchema = z.strictObject({ jsonrpc: version, method, params });
const resultSchema = z.strictObject({ jsonrpc: version, id: requestIdSchema, result: z.unknown() });
const errorSchema = z.strictObject({ jsonrpc: version, id: requestIdSchema.nullable(), error: wireErrorSchema });

/** Writes one envelope as JSON text. `params` of undefined are left out. */
export function encodeEnvelope(envelope: Envelope): string {
  switch (envelope.kind) {
    case 'request':
      return JSON.stringify({ jsonrpc: '2.0', id: envelope.id, method: envelope.method, params: envelope.params });
    case 'notification':
      return JSON.stringify({ jsonrpc: '2.0', method: envelope.method, params: envelope.params });
    case 'answer':
      return 'result' in envelope.outcome
        ? JSON.stringify({ jsonrpc: '2.0', id: envelope.id, result: envelope.outcome.result ?? null })
        : JSON.stringify({ jsonrpc: '2.0', id: envelope.id, error: envelope.outcome.error });
  }
}

/**
 * Reads one text message.
 * @throws EnvelopeError when it is no JSON, nests too deeply, or is no JSON-RPC 2.0 object.
 */
export function decodeEnvelope(text: string): Envelope {
  checkDepth(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new EnvelopeError('message is not JSON', { cause });
  }
  if (Array.isArray(value)) throw new EnvelopeError('batches are not supported: send one request per message');
  if (typeof value !== 'object' || value === null) throw new EnvelopeError('message is not a JSON object');
  if ('method' in value) return 'id' in value ? requestOf(value) : notificationOf(value);
  return answerOf(value);
}

function requestOf(value: object): RequestEnvelope {
  const parsed = check(requestSchema, value);
  return { kind: 'request', id: parsed.id, method: parsed.method, params: parsed.params ?? {} };
}

function notificationOf(value: object): NotificationEnvelope {
  const parsed = check(notificationSchema, value);
  return { kind: 'notification', method: parsed.method, params: parsed.params ?? {} };
}

function answerOf(value: object): AnswerEnvelope {
  if ('error' in value) {
    const parsed = check(errorSchema, value);
    return { kind: 'answer', id: parsed.id, outcome: { error: parsed.error } };
  }
  const parsed = check(resultSchema, value);
  return { kind: 'answer', id: parsed.id, outcome: { result: parsed.result } };
}

function check<Value>(schema: z.ZodType<Value>, value: unknown): Value {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new EnvelopeError(`message is no JSON-RPC 2.0 object: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Nesting is bounded before parsing, so that no later recursive reader can be driven out of stack. */
function checkDepth(text: string): void {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (inString) {
      if (character === backslash) index++;
      else if (character === quote) inString = false;
    } else if (character === quote) inString = true;
    else if (character === openBracket || character === openBrace) depth++;
    else if (character === closeBracket || character === closeBrace) depth--;
    if (depth > protocolLimits.jsonDepth) {
      throw new EnvelopeError(`message nests deeper than ${protocolLimits.jsonDepth} levels`);
    }
  }
}

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
