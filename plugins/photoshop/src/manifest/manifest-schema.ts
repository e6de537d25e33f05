/**
 * A strict JSON Schema of the manifest as we write it. Adobe publishes none, and Photoshop ignores what it does not
 * understand: a misspelt member shows as a panel that is greyed out. So every member that is not listed here is refused.
 */

const size = {
  type: 'object',
  additionalProperties: false,
  required: ['width', 'height'],
  properties: { width: { type: 'integer', minimum: 1 }, height: { type: 'integer', minimum: 1 } },
} as const;

const icons = {
  type: 'array',
  minItems: 1,
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['width', 'height', 'path', 'scale', 'theme', 'species'],
    properties: {
      width: { enum: [23, 24] },
      height: { enum: [23, 24] },
      path: { type: 'string', pattern: '^icons/[a-z-]+\\.png$' },
      scale: { type: 'array', minItems: 1, items: { enum: [1, 2] } },
      theme: { type: 'array', minItems: 1, items: { enum: ['darkest', 'dark', 'medium', 'light', 'lightest', 'all'] } },
      species: { type: 'array', minItems: 1, items: { enum: ['chrome', 'pluginList', 'generic'] } },
    },
  },
} as const;

const label = {
  type: 'object',
  additionalProperties: false,
  required: ['default'],
  properties: { default: { type: 'string', minLength: 1, maxLength: 48 } },
} as const;

const identifier = { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9]{0,63}$' } as const;

const panel = {
  type: 'object',
  additionalProperties: false,
  required: ['type', 'id', 'label', 'minimumSize', 'icons'],
  properties: {
    type: { const: 'panel' },
    id: identifier,
    label,
    minimumSize: size,
    maximumSize: size,
    preferredDockedSize: size,
    preferredFloatingSize: size,
    icons,
  },
} as const;

const command = {
  type: 'object',
  additionalProperties: false,
  required: ['type', 'id', 'label'],
  properties: { type: { const: 'command' }, id: identifier, label },
} as const;

export const manifestSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['manifestVersion', 'id', 'name', 'version', 'main', 'host', 'entrypoints', 'icons', 'requiredPermissions'],
  properties: {
    manifestVersion: { const: 5 },
    id: { type: 'string', pattern: '^[a-z][a-z0-9]*(\\.[a-z][a-z0-9]*)+$' },
    name: { type: 'string', minLength: 3, maxLength: 45 },
    version: { type: 'string', pattern: '^\\d{1,2}\\.\\d{1,2}\\.\\d{1,2}$' },
    // Anything but a page, and the panel never registers.
    main: { type: 'string', pattern: '^[a-z]+\\.html$' },
    host: {
      type: 'object',
      additionalProperties: false,
      required: ['app', 'minVersion'],
      properties: { app: { const: 'PS' }, minVersion: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+$' } },
    },
    entrypoints: { type: 'array', minItems: 1, items: { oneOf: [panel, command] } },
    icons,
    requiredPermissions: {
      type: 'object',
      additionalProperties: false,
      required: ['network'],
      properties: {
        network: {
          type: 'object',
          additionalProperties: false,
          required: ['domains'],
          properties: {
            domains: {
              type: 'array',
              minItems: 1,
              uniqueItems: true,
              items: { type: 'string', pattern: '^(ws|http)://(localhost|127\\.0\\.0\\.1):\\d{4,5}$' },
            },
          },
        },
      },
    },
  },
} as const;
