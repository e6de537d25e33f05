import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, it } from 'vitest';
import { closeCodes, errorCodes, methods, methodScopes, notifications } from '@deltaspace/shared-protocol';
import { soundAccessRequests } from './access-vectors.js';
import { soundBackgroundRequests } from './background-vectors.js';
import { componentKey, generalErrorCodes } from './asyncapi.js';
import { conversations } from './conversation-vectors.js';
import { asyncApiFile } from './generated-files.js';
import { refusedRequests, soundRequests } from './request-vectors.js';

type Json = Record<string, unknown>;

const load = createRequire(import.meta.url);
const document = JSON.parse(readFileSync(asyncApiFile, 'utf8')) as Json & {
  operations: Record<string, { action: string; messages: { $ref: string }[]; 'x-scope'?: string }>;
  components: { messages: Record<string, { payload: Json }> };
};

/** AsyncAPI's own schema, in draft 07; the formats in it (addresses, mostly) are not looked at. */
const asyncApiSchema = load('@asyncapi/specs/schemas/3.0.0-without-$id.json') as Json;

const ajv = new Ajv({ strict: false, validateFormats: false });
ajv.addSchema({ components: document.components }, 'asyncapi.json'); // `id` of the document is no schema's
const isAsyncApi = new Ajv({ strict: false, validateFormats: false }).compile(asyncApiSchema);

/** Checks messages of one name against their schema in the document. */
function payloadCheck(message: string): ValidateFunction {
  return ajv.compile({ $ref: `asyncapi.json#/components/messages/${message}/payload` });
}

function expectValid(message: string, text: string): void {
  const check = payloadCheck(message);
  check(JSON.parse(text));
  expect(check.errors).toBeNull();
}

/** Everything that `$ref` names, wherever it is. */
function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : referencesIn(inner),
  );
}

function resolve(reference: string): unknown {
  const steps = reference.replace(/^#\//, '').split('/');
  return steps.reduce<unknown>((value, step) => (value as Json | undefined)?.[step], document);
}

describe('docs/asyncapi.json', () => {
  it('is a document of AsyncAPI 3.0', () => {
    isAsyncApi(document);
    expect(isAsyncApi.errors).toBeNull();
  });

  it('would be refused without what AsyncAPI asks for', () => {
    expect(isAsyncApi({ ...document, info: {} })).toBe(false);
    expect(isAsyncApi({ ...document, operations: { edit: { action: 'ask' } } })).toBe(false);
  });

  it('refers to nothing that is not there', () => {
    const references = new Set(referencesIn(document));
    expect(references.size).toBeGreaterThan(0);
    expect([...references].filter((reference) => resolve(reference) === undefined)).toEqual([]);
  });

  it('has every method with its scope, every notification and every frame, from the right side', () => {
    const { operations } = document;
    for (const name of Object.keys(methods)) {
      expect(operations[name]).toMatchObject({
        action: 'receive',
        'x-scope': methodScopes[name as keyof typeof methods],
      });
    }
    for (const [name, { from }] of Object.entries(notifications)) {
      expect(operations[componentKey(name)]?.action).toBe(from === 'client' ? 'receive' : 'send');
    }
    expect(operations).toMatchObject({ uploadChunk: { action: 'receive' }, downloadChunk: { action: 'send' } });
  });

  it('has every code', () => {
    expect(document['x-error-codes']).toEqual(errorCodes);
    expect(document['x-close-codes']).toEqual(closeCodes);
    const { payload } = document.components.messages['edit.error'] as { payload: Json };
    expect(payload).toMatchObject({
      properties: {
        error: { 'x-error-codes': expect.arrayContaining([...generalErrorCodes, 'edit_failed']) as unknown },
      },
    });
  });

  it.each([...soundRequests, ...soundAccessRequests, ...soundBackgroundRequests])(
    'admits $name',
    ({ method, text }) => {
      expectValid(`${method}.request`, text);
    },
  );

  it('refuses what a schema alone can refuse', () => {
    const refused = refusedRequests.filter(({ text }) => {
      const request = JSON.parse(text) as { method: string };
      return !payloadCheck(`${request.method}.request`)(request);
    });
    expect(refused.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['a path instead of a blob', 'a job id that is none', 'a mix of one image']),
    );
  });

  it('admits every answer of the conversations, members of the future included', () => {
    let answers = 0;
    for (const { steps } of conversations) {
      const asked = new Map<number, string>();
      for (const step of steps) {
        if ('sends' in step) {
          const { id, method } = JSON.parse(step.sends) as { id?: number; method: string };
          if (id !== undefined) asked.set(id, method);
        }
        if (!('receives' in step)) continue;
        const message = JSON.parse(step.receives) as { id?: number; error?: unknown };
        if (message.id === undefined) continue;
        expectValid(`${asked.get(message.id)}.${message.error === undefined ? 'result' : 'error'}`, step.receives);
        answers++;
      }
    }
    expect(answers).toBeGreaterThan(10);
  });
});
