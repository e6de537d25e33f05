/**
 * `initialize`: the first message of a connection, once. Authentication happened before, at the upgrade.
 */
import * as z from 'zod';
import { protocolLimits, type ProtocolLimits } from '../limits.js';
import { packSummarySchema } from './models.js';
import { defineMethod, identifierSchema } from './schema.js';

const label = z.string().min(1).max(128);

export const protocolRangeSchema = z
  .strictObject({ minimum: z.int().min(1), maximum: z.int().min(1) })
  .refine((range) => range.minimum <= range.maximum, 'expected minimum ≤ maximum');

/** A daemon of an earlier version knows fewer limits; its client then keeps to those that it was made with. */
const limitsShape = Object.fromEntries(
  (Object.keys(protocolLimits) as (keyof ProtocolLimits)[]).map((name) => [
    name,
    z.int().min(0).default(protocolLimits[name]),
  ]),
) as Record<keyof ProtocolLimits, z.ZodDefault<z.ZodInt>>;

export const handshakeMethods = {
  initialize: defineMethod({
    summary:
      'Opens the conversation: the client says what it speaks, the daemon picks a protocol number and tells its ' +
      'limits, capabilities and packs. Anything else first closes the connection.',
    params: z.strictObject({
      protocol: protocolRangeSchema.describe('oldest and newest protocol number the client speaks'),
      client: z.strictObject({ name: label, version: label }),
      host: z.strictObject({ name: label, version: label }).exactOptional().describe('the editor the client runs in'),
      capabilities: z.record(label, z.boolean()).exactOptional().describe('optional features the client understands'),
    }),
    result: z.object({
      protocol: z.int().min(1).describe('the number spoken from here on'),
      server: z.object({ name: label, version: label }),
      sessionId: identifierSchema,
      capabilities: z.record(z.string(), z.boolean()).describe('optional features of this daemon'),
      limits: z.object(limitsShape).describe('the bounds listed under Limits'),
      models: z
        .array(packSummarySchema)
        .describe('packs known so far; empty while the worker starts (`models.list` waits)'),
    }),
    errors: ['unsupported_protocol'],
  }),
} as const;
