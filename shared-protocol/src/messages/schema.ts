/**
 * The small schemas that messages are made of, and the shape of a method definition.
 */
import '../without-eval.js';
import * as z from 'zod';
import type { ErrorCode } from '../errors.js';
import { protocolLimits } from '../limits.js';

/** Content address of a blob. Lower case only, so that one content has one name, also on case-folding disks. */
export const digestSchema = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 lower-case hexadecimal digits')
  .describe('content address: `sha256:` and 64 lower-case hexadecimal digits');
export type Digest = `sha256:${string}`;

/** Request ids: clients count up from 1; short strings are allowed for people typing by hand. */
export const requestIdSchema = z.union([z.int().min(0), z.string().min(1).max(64)]);
export type RequestId = z.output<typeof requestIdSchema>;

/** Names of packs and networks: safe as file names on every system, by construction. */
export const nameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'expected a name of a-z, 0-9, dot, dash and underscore, at most 64 long')
  .describe('a name of a-z, 0-9, dot, dash and underscore, at most 64 long');

/** Names of tensors inside a network: as in ONNX, but bounded and printable. */
export const tensorNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_./-]{0,127}$/, 'expected a tensor name of letters, digits, _ . / -, at most 128 long')
  .describe('name of an input or output of the network');

/** Ids that the daemon hands out. Opaque to clients. */
export const identifierSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected an id that the daemon handed out')
  .describe('id that the daemon handed out');

/** Text a person typed. */
export const textSchema = z
  .string()
  .min(1, 'expected a text, got an empty one')
  .max(protocolLimits.textCharacters)
  .regex(/^$|\S/, 'expected a text, got only white space') // an empty one has its own words above
  .describe(`a text of 1 to ${protocolLimits.textCharacters} characters`);

/** One request and its answer. The table of all of them is methods.ts. */
export interface MethodDefinition<Params extends z.ZodType = z.ZodType, Result extends z.ZodType = z.ZodType> {
  /** One or two sentences for docs/protocol.md. */
  readonly summary: string;
  /** Strict: an unknown member is a mistake worth telling. New members come with a capability. */
  readonly params: Params;
  /** Tolerant: clients skip members that they do not know. */
  readonly result: Result;
  /** Codes particular to this method; the general ones can always come. */
  readonly errors: readonly ErrorCode[];
}

/** A message without an answer. */
export interface NotificationDefinition<Params extends z.ZodType = z.ZodType> {
  readonly summary: string;
  readonly from: 'client' | 'daemon';
  readonly params: Params;
}

/** Keeps the exact schema types of a definition while checking its shape. */
export function defineMethod<Params extends z.ZodType, Result extends z.ZodType>(
  definition: MethodDefinition<Params, Result>,
): MethodDefinition<Params, Result> {
  return definition;
}

export function defineNotification<Params extends z.ZodType>(
  definition: NotificationDefinition<Params>,
): NotificationDefinition<Params> {
  return definition;
}
