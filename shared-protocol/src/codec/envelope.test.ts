import { describe, expect, it } from 'vitest';
import { decodeEnvelope, encodeEnvelope, EnvelopeError, type Envelope } from './envelope.js';

describe('text messages', () => {
  const envelopes: { text: string; envelope: Envelope }[] = [
    {
      text: '{"jsonrpc":"2.0","id":1,"method":"blob.have","params":{"digests":[]}}',
      envelope: { kind: 'request', id: 1, method: 'blob.have', params: { digests: [] } },
    },
    {
      text: '{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}',
      envelope: { kind: 'notification', method: '$/cancelRequest', params: { id: 1 } },
    },
    {
      text: '{"jsonrpc":"2.0","id":"a","result":null}',
      envelope: { kind: 'answer', id: 'a', outcome: { result: null } },
    },
    {
      text: '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no"}}',
      envelope: { kind: 'answer', id: null, outcome: { error: { code: -32600, message: 'no' } } },
    },
  ];

  it.each(envelopes)('writes and reads $text', ({ text, envelope }) => {
    expect(encodeEnvelope(envelope)).toBe(text);
    expect(decodeEnvelope(text)).toEqual(envelope);
  });

  it('reads a request without params as one with none set', () => {
    expect(decodeEnvelope('{"jsonrpc":"2.0","id":0,"method":"server.status"}')).toMatchObject({ params: {} });
  });

  it.each([
    ['no JSON', 'hello'],
    ['an empty text', ''],
    ['a batch', '[]'],
    ['a number', '1'],
    ['null', 'null'],
    ['no version', '{"id":1,"method":"a"}'],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"a"}'],
    ['a request id that is null', '{"jsonrpc":"2.0","id":null,"method":"a"}'],
    ['a request id with a fraction', '{"jsonrpc":"2.0","id":1.5,"method":"a"}'],
    ['a request id beyond exact integers', '{"jsonrpc":"2.0","id":9007199254740993,"method":"a"}'],
    ['an object as request id', '{"jsonrpc":"2.0","id":{},"method":"a"}'],
    ['params that are a list', '{"jsonrpc":"2.0","id":1,"method":"a","params":[]}'],
    ['an unknown member', '{"jsonrpc":"2.0","id":1,"method":"a","extra":1}'],
    ['result and error together', '{"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1,"message":""}}'],
    ['deep nesting', `{"jsonrpc":"2.0","id":1,"method":"a","params":{"a":${'['.repeat(40)}${']'.repeat(40)}}}`],
    ['very deep nesting', '['.repeat(50_000)],
  ])('refuses %s', (_name, text) => {
    expect(() => decodeEnvelope(text)).toThrow(EnvelopeError);
  });

  it('does not count brackets inside strings as nesting', () => {
    const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'a', params: { text: '[{"\\"'.repeat(100) } });
    expect(decodeEnvelope(text)).toMatchObject({ kind: 'request' });
  });
});
