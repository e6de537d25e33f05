/**
 * The protocol as data: every message with the JSON Schemas of its parts. docs/protocol.md and docs/asyncapi.json are made
 * from it; so can be clients in other languages.
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
  readonly from: 'client' | 'daemon';
  readonly summary: string;
  readonly header: JsonSchema;
}

export interface ProtocolDescription {
  readonly methods: readonly MethodDescription[];
  readonly notifications: readonly NotificationDescription[];
  readonly frames: readonly FrameDescription[];
}

/** Dialects of JSON Schema that the parts can be written in. */
export type SchemaDialect = 'draft-2020-12' | 'draft-7';

/** In the order of the tables in messages/. Everything as a sender may write it. */
export function describeProtocol(dialect: SchemaDialect = 'draft-2020-12'): ProtocolDescription {
  // As they come in: what zod gives out never has members that it does not know, but what a receiver is sent may.
  const schemaOf = (schema: z.ZodType): JsonSchema => z.toJSONSchema(schema, { io: 'input', target: dialect });
  return {
    methods: Object.entries(methods).map(([name, { summary, params, result, errors }]) => ({
      name,
      summary,
      params: schemaOf(params),
      result: schemaOf(result),
      errors,
    })),
    notifications: Object.entries(notifications).map(([name, { from, summary, params }]) => ({
      name,
      from,
      summary,
      params: schemaOf(params),
    })),
    frames: Object.entries(frameTypes).map(([name, { number, from, summary, header }]) => ({
      name,
      number,
      from,
      summary,
      header: schemaOf(header),
    })),
  };
}
