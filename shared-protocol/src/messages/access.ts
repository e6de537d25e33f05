/**
 * Who may do what: scopes, pairing a plugin, and the list of paired clients.
 *
 * The requests here are for the user's side, with scope `admin`: the command line offers a code and waits. The plugin's side has
 * no socket yet; it posts the code to `pairPath` over HTTP and gets a token, whose bodies are described here too.
 */
import * as z from 'zod';
import { protocolLimits } from '../limits.js';
import { defineMethod, identifierSchema } from './schema.js';

/** What a token may be used for. Which method needs which is in method-scopes.ts. */
export const scopes = ['edit', 'train', 'models', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** What a plugin gets unless the user grants more. */
export const defaultScopes: readonly Scope[] = ['edit'];

export const scopesSchema = z
  .array(z.enum(scopes))
  .min(1)
  .max(scopes.length)
  .refine((list) => new Set(list).size === list.length, 'expected every scope once')
  .describe('what the client may do: `edit`, `train`, `models`, `admin`');

/** Letters, digits, punctuation, symbols and single blanks: nothing that moves a terminal's cursor or turns its text. */
export const clientNameSchema = z
  .string()
  .min(1)
  .max(protocolLimits.clientNameCharacters)
  .regex(/^[\p{L}\p{M}\p{N}\p{P}\p{S}]+( [\p{L}\p{M}\p{N}\p{P}\p{S}]+)*$/u, 'expected a printable name')
  .describe(`name shown to the user, 1 to ${protocolLimits.clientNameCharacters} printable characters`);

/** An origin as browsers and plugin hosts write it: scheme and host, nothing behind. */
export const originSchema = z
  .string()
  .max(protocolLimits.originCharacters)
  .regex(/^[a-z][a-z0-9+.-]*:\/\/[^/\s?#@\\]*$/, 'expected an origin such as https://example.com, in lower case')
  .describe('an origin such as `https://example.com`, exactly as the host sends it');

export const pairedClientSchema = z.object({
  id: identifierSchema,
  name: z.string(),
  scopes: z.array(z.string()),
  origin: z.string().exactOptional().describe('the web origin that the client may come from'),
  createdAt: z.string().describe('time of pairing, ISO 8601'),
});
export type PairedClient = z.output<typeof pairedClientSchema>;

/** Body of `POST /v1/pair`. */
export const pairBodySchema = z.strictObject({
  code: z.string().min(1).max(32),
  name: clientNameSchema,
});

/** Answer of `POST /v1/pair`: the only time that the token is told. */
export const pairAnswerSchema = z.object({ token: z.string(), client: pairedClientSchema });

/** Body of `POST /v1/session`: an empty object, so that members can be added. */
export const sessionBodySchema = z.strictObject({});

/** Answer of `POST /v1/session`: offer `ticketPrefix` + ticket as a second WebSocket subprotocol. */
export const sessionAnswerSchema = z.object({ ticket: z.string(), expiresInMs: z.int().min(0) });

export const accessMethods = {
  'pairing.begin': defineMethod({
    summary:
      'Makes a code that lets one client pair: one use, a few tries, two minutes. It ends with this connection, too.',
    params: z.strictObject({
      scopes: scopesSchema.default([...defaultScopes]),
      origin: originSchema.exactOptional().describe('a web origin to let in, for plugins whose host sends one'),
    }),
    result: z.object({
      pairingId: identifierSchema,
      code: z.string().describe('for the user to type into the plugin; case and dashes do not matter'),
      expiresInMs: z.int().min(0),
    }),
    errors: ['too_many_pairings', 'too_many_clients'],
  }),
  'pairing.wait': defineMethod({
    summary: 'Waits until a client used the code, and tells which. Cancelling it takes the code back.',
    params: z.strictObject({ pairingId: identifierSchema }),
    result: z.object({ client: pairedClientSchema }),
    errors: ['pairing_unknown', 'pairing_expired', 'pairing_used_up'],
  }),
  'clients.list': defineMethod({
    summary: 'Lists the paired clients, oldest first. Tokens are not kept and cannot be shown.',
    params: z.strictObject({}),
    result: z.object({
      clients: z.array(pairedClientSchema.extend({ connections: z.int().min(0).describe('open right now') })),
    }),
    errors: [],
  }),
  'clients.revoke': defineMethod({
    summary: 'Takes the token of a paired client back. Its connections close with `accessRevoked`.',
    params: z.strictObject({ id: identifierSchema }),
    result: z.object({ client: pairedClientSchema }),
    errors: ['client_unknown'],
  }),
} as const;
