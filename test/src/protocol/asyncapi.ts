/**
 * docs/asyncapi.json: the protocol as an AsyncAPI 3.0 document, for generators of clients and for tools that draw or compare.
 *
 * Written from the daemon's side, so what clients send is `receive`. One channel, the socket; each method is an operation
 * with its reply on the same channel, matched by `id`. What AsyncAPI has no word for is in members with `x-`: scopes, error
 * and close codes, limits, and the layout of binary frames. Rules between members that JSON Schema cannot say (exactly one of two)
 * are in the descriptions and in docs/protocol.md.
 */
import {
  closeCodes,
  daemonPorts,
  describeProtocol,
  errorCodes,
  frameVersion,
  httpErrors,
  methodScopes,
  pairPath,
  protocolLimits,
  protocolRange,
  scopes,
  sessionPath,
  socketPath,
  subprotocol,
  ticketPrefix,
  type FrameDescription,
  type JsonSchema,
  type MethodDescription,
  type MethodName,
  type NotificationDescription,
} from '@deltaspace/shared-protocol';
import { frameLayout } from './frame-layout.js';

/** Codes that any request can be answered with, whatever its method says. */
export const generalErrorCodes = [
  'invalid_request',
  'unknown_method',
  'invalid_params',
  'internal_error',
  'cancelled',
  'too_many_requests',
  'shutting_down',
  'unauthorized_scope',
] as const satisfies readonly (keyof typeof errorCodes)[];

/** A name of the protocol as a key of `components`: `$/progress` becomes `progress`. */
export function componentKey(name: string): string {
  return name.replace('$/', '');
}

/** The document as an object, in draft-07 schemas, which are AsyncAPI's own. */
export function asyncApiDocument(): JsonSchema {
  const { methods, notifications, frames } = describeProtocol('draft-7');
  return {
    asyncapi: '3.0.0',
    id: 'urn:deltaspace:protocol',
    info: {
      title: `The protocol ${subprotocol}`,
      version: `${protocolRange.maximum}.0.0`,
      description:
        'How programs talk to the deltaspace daemon on the same machine. docs/protocol.md explains the order.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: { loopback: loopbackServer },
    channels: { socket: socketChannel(methods, notifications, frames) },
    operations: {
      ...Object.fromEntries(methods.map((method) => [method.name, methodOperation(method)])),
      ...Object.fromEntries(notifications.map((one) => [componentKey(one.name), notificationOperation(one)])),
      ...Object.fromEntries(frames.map((frame) => [frame.name, frameOperation(frame)])),
    },
    components: {
      schemas: { ...sharedSchemas, ...partSchemas(methods, notifications, frames) },
      messages: {
        ...Object.fromEntries(methods.flatMap(methodMessages)),
        ...Object.fromEntries(notifications.map((one) => [componentKey(one.name), notificationMessage(one)])),
        ...Object.fromEntries(frames.map((frame) => [frame.name, frameMessage(frame)])),
      },
      correlationIds: { requestId: { description: 'the id of the request', location: '$message.payload#/id' } },
      securitySchemes,
    },
    'x-limits': protocolLimits,
    'x-scopes': scopes,
    'x-error-codes': errorCodes,
    'x-close-codes': closeCodes,
    'x-http-errors': httpErrors,
  };
}

const loopbackServer = {
  host: '127.0.0.1:{port}',
  protocol: 'ws',
  description: 'The daemon of this user. It listens on the first of the ports that is free; clients ask each.',
  variables: { port: { enum: daemonPorts.map(String), default: String(daemonPorts[0]) } },
  security: [ref('securitySchemes', 'token'), ref('securitySchemes', 'ticket')],
};

const securitySchemes = {
  token: {
    type: 'http',
    scheme: 'bearer',
    description:
      `The user's token, from the file \`token\` in the data folder, or that of a paired client, from \`POST ${pairPath}\`. ` +
      "Scopes of a paired client are told at pairing; the user's token has all.",
  },
  ticket: {
    type: 'httpApiKey',
    in: 'header',
    name: 'Sec-WebSocket-Protocol',
    description:
      `For browsers, which cannot set headers: \`${subprotocol}, ${ticketPrefix}TICKET\` with a ticket from ` +
      `\`POST ${sessionPath}\`, good once and not for long.`,
  },
};

/** What every message refers to. */
const sharedSchemas = {
  requestId: {
    description: 'chosen by the client, not in flight on the connection',
    oneOf: [
      { type: 'integer', minimum: 0 },
      { type: 'string', minLength: 1, maxLength: 64 },
    ],
  },
  errorDetails: {
    description: 'facts for programs: sizes, names, signal, stage',
    type: 'object',
    additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
  },
};

function socketChannel(
  methods: readonly MethodDescription[],
  notifications: readonly NotificationDescription[],
  frames: readonly FrameDescription[],
): JsonSchema {
  const keys = [
    ...methods.flatMap(({ name }) => [`${name}.request`, `${name}.result`, `${name}.error`]),
    ...notifications.map(({ name }) => componentKey(name)),
    ...frames.map(({ name }) => name),
  ];
  return {
    address: socketPath,
    description: 'One connection. Text messages are JSON-RPC 2.0, one object each, no batches; binary ones are frames.',
    messages: Object.fromEntries(keys.map((key) => [key, ref('messages', key)])),
    bindings: {
      ws: {
        method: 'GET',
        headers: {
          type: 'object',
          properties: { 'Sec-WebSocket-Protocol': { type: 'string', description: `offers \`${subprotocol}\`` } },
          required: ['Sec-WebSocket-Protocol'],
        },
      },
    },
  };
}

function methodOperation({ name, summary }: MethodDescription): JsonSchema {
  return {
    action: 'receive',
    channel: { $ref: '#/channels/socket' },
    summary,
    messages: [channelMessage(`${name}.request`)],
    reply: {
      channel: { $ref: '#/channels/socket' },
      messages: [channelMessage(`${name}.result`), channelMessage(`${name}.error`)],
    },
    'x-scope': methodScopes[name as MethodName],
  };
}

function notificationOperation({ name, from, summary }: NotificationDescription): JsonSchema {
  return operation(from === 'client' ? 'receive' : 'send', summary, componentKey(name));
}

function frameOperation({ name, from, summary }: FrameDescription): JsonSchema {
  return operation(from === 'client' ? 'receive' : 'send', summary, name);
}

function operation(action: 'send' | 'receive', summary: string, message: string): JsonSchema {
  return { action, channel: { $ref: '#/channels/socket' }, summary, messages: [channelMessage(message)] };
}

function methodMessages({ name, summary, errors }: MethodDescription): [string, JsonSchema][] {
  const id = ref('schemas', 'requestId');
  const correlationId = ref('correlationIds', 'requestId');
  const message = (part: string, payload: JsonSchema, more: JsonSchema = {}): JsonSchema => ({
    name: `${name}.${part}`,
    correlationId,
    payload,
    ...more,
  });
  const request = envelope({ id, method: { const: name }, params: ref('schemas', `${name}.params`) });
  const result = envelope({ id, result: ref('schemas', `${name}.result`) });
  const error = envelope({ id, error: errorSchema([...generalErrorCodes, ...errors]) });
  return [
    [`${name}.request`, message('request', request, { summary })],
    [`${name}.result`, message('result', result)],
    [`${name}.error`, message('error', error)],
  ];
}

function notificationMessage({ name, summary }: NotificationDescription): JsonSchema {
  const payload = envelope({ method: { const: name }, params: ref('schemas', `${componentKey(name)}.params`) });
  return { name, summary, payload };
}

/** JSON Schema cannot describe bytes: the payload says that it is binary, `x-frame` how it is laid out. */
function frameMessage({ name, number, summary }: FrameDescription): JsonSchema {
  return {
    name,
    summary,
    contentType: 'application/octet-stream',
    payload: { type: 'string', format: 'binary', description: 'a binary WebSocket message; `x-frame` has its layout' },
    'x-frame': {
      version: frameVersion,
      type: number,
      layout: frameLayout,
      header: ref('schemas', `${name}.header`),
      vectors: 'test/fixtures/protocol/frames.jsonl',
    },
  };
}

/** A JSON-RPC object with these members, all of them required. */
function envelope(members: JsonSchema): JsonSchema {
  return {
    type: 'object',
    properties: { jsonrpc: { const: '2.0' }, ...members },
    required: ['jsonrpc', ...Object.keys(members)],
    additionalProperties: false,
  };
}

/** Codes are an open set: a newer daemon may have more of them. */
function errorSchema(codes: readonly string[]): JsonSchema {
  const known = [...new Set(codes)];
  return {
    type: 'object',
    properties: {
      code: { type: 'integer', description: 'the number of JSON-RPC' },
      message: { type: 'string', description: 'for people' },
      data: {
        type: 'object',
        properties: {
          code: { type: 'string', examples: known, description: `to branch on; here: ${known.join(', ')}` },
          retryable: { type: 'boolean' },
          details: ref('schemas', 'errorDetails'),
        },
        required: ['code', 'retryable'],
      },
    },
    required: ['code', 'message'],
    'x-error-codes': known,
  };
}

function partSchemas(
  methods: readonly MethodDescription[],
  notifications: readonly NotificationDescription[],
  frames: readonly FrameDescription[],
): Record<string, JsonSchema> {
  const parts: [string, JsonSchema][] = [
    ...methods.flatMap(({ name, params, result }): [string, JsonSchema][] => [
      [`${name}.params`, params],
      [`${name}.result`, result],
    ]),
    ...notifications.map(({ name, params }): [string, JsonSchema] => [`${componentKey(name)}.params`, params]),
    ...frames.map(({ name, header }): [string, JsonSchema] => [`${name}.header`, header]),
  ];
  return Object.fromEntries(parts.map(([key, { $schema: _, ...schema }]) => [key, schema]));
}

function ref(kind: 'schemas' | 'messages' | 'securitySchemes' | 'correlationIds', key: string): { $ref: string } {
  return { $ref: `#/components/${kind}/${key}` };
}

function channelMessage(key: string): { $ref: string } {
  return { $ref: `#/channels/socket/messages/${key}` };
}
