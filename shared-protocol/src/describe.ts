/**
 * The protocol as data: every message with the JSON Schemas of its parts. docs/protocol.md is made from it; so can be
 * clients in other languages.
 */
import * as z from 'zod';
import { frameTypes } from './codec/frame.js';
import { methods, notifications } from './messages/methods.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface MethodDescription {
  readonly name: string;
  readonly summary: string;
  readonly params: JsonSchema;
  readonly result: JsonSchema;
  readonly errors: readonly string[];
}

export interface NotificationDescription {
  readonly name: string;
  readonly from: 'client' | 'daemon';
  readonly summary: string;
  readonly params: JsonSchema;
}

export interface FrameDescription {
  readonly name: string;
  readonly number: number;
  readonly summary: string;
  readonly header: JsonSchema;
}

export interface ProtocolDescription {
  readonly methods: readonly MethodDescription[];
  readonly notifications: readonly NotificationDescription[];
  readonly frames: readonly FrameDescription[];
}

/** In the order of the tables in messages/. Params as a sender writes them, results as a receiver reads them. */
export function describeProtocol(): ProtocolDescription {
  return {
    methods: Object.entries(methods).map(([name, { summary, params, result, errors }]) => ({
      name,
      summary,
      params: z.toJSONSchema(params, { io: 'input' }),
      result: z.toJSONSchema(result, { io: 'output' }),
      errors,
    })),
    notifications: Object.entries(notifications).map(([name, { from, summary, params }]) => ({
      name,
      from,
      summary,
      params: z.toJSONSchema(params, { io: 'input' }),
    })),
    frames: Object.entries(frameTypes).map(([name, { number, summary, header }]) => ({
      name,
      number,
      summary,
      header: z.toJSONSchema(header, { io: 'input' }),
    })),
  };
}
