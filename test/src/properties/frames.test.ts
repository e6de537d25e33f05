/** What must hold for every frame and message, whoever made it. A failure prints the smallest input and the seed to repeat it. */
import fc from 'fast-check';
import { describe, it, expect } from 'vitest';
import {
  decodeEnvelope,
  decodeFrame,
  encodeEnvelope,
  encodeFrame,
  EnvelopeError,
  FrameError,
  type Envelope,
  type Frame,
} from '@deltaspace/shared-protocol';

const payload = fc.uint8Array({ minLength: 1, maxLength: 200 });
const offset = fc.maxSafeNat();
const hexDigit = fc.constantFrom(...'0123456789abcdef');
const digest = fc.string({ unit: hexDigit, minLength: 64, maxLength: 64 }).map((digits) => `sha256:${digits}`);
const identifier = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_'), minLength: 1, maxLength: 32 });

const frames: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({
    type: fc.constant('uploadChunk' as const),
    header: fc.record({ uploadId: identifier, offset }),
    payload,
  }),
  fc.record({
    type: fc.constant('downloadChunk' as const),
    header: fc.record({ request: fc.maxSafeNat(), digest, offset }),
    payload,
  }),
);

/** The frame in the bytes, or null when they are refused. Any other error fails the property. */
function frameIn(bytes: Uint8Array): Frame | null {
  try {
    return decodeFrame(bytes);
  } catch (error) {
    if (error instanceof FrameError) return null;
    throw error;
  }
}

describe('every frame', () => {
  it('comes back as it was sent', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
      }),
    );
  });

  it('comes back from the middle of a larger buffer', () => {
    fc.assert(
      fc.property(frames, fc.nat(20), (frame, before) => {
        const bytes = encodeFrame(frame);
        const larger = new Uint8Array(bytes.length + before + 9).fill(0xaa);
        larger.set(bytes, before);
        expect(decodeFrame(larger.subarray(before, before + bytes.length))).toEqual(frame);
      }),
    );
  });

  it('that is cut off before its payload is refused', () => {
    fc.assert(
      fc.property(frames, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (frame, part) => {
        const bytes = encodeFrame(frame);
        const payloadStart = bytes.length - frame.payload.length;
        expect(frameIn(bytes.subarray(0, Math.floor((payloadStart + 1) * part)))).toBeNull();
      }),
    );
  });

  it('with one changed byte is refused, or is a frame that is sent the same way', () => {
    fc.assert(
      fc.property(frames, fc.nat(), fc.integer({ min: 1, max: 255 }), (frame, place, change) => {
        const bytes = encodeFrame(frame);
        bytes[place % bytes.length]! ^= change;
        const read = frameIn(bytes);
        if (read !== null) expect(decodeFrame(encodeFrame(read))).toEqual(read);
      }),
      { numRuns: 1000 },
    );
  });

  it('of arbitrary bytes behind a sound start is refused or read, never anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(300), (bytes, headerLength) => {
        const start = Uint8Array.of(1, 1, 0, 0, headerLength & 255, headerLength >> 8, 0, 0);
        frameIn(Uint8Array.of(...start, ...bytes));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('every message', () => {
  const id = fc.oneof(fc.maxSafeNat(), identifier);
  const method = fc.string({ minLength: 1, maxLength: 64 });
  const params = fc.dictionary(identifier, fc.jsonValue({ maxDepth: 5 }));
  const envelopes = fc.oneof(
    fc.record({ kind: fc.constant('request'), id, method, params }),
    fc.record({ kind: fc.constant('notification'), method, params }),
    fc.record({ kind: fc.constant('answer'), id, outcome: fc.record({ result: fc.jsonValue({ maxDepth: 5 }) }) }),
  ) as fc.Arbitrary<Envelope>;

  it('comes back as it was sent', () => {
    const normalized = (envelope: Envelope): unknown => JSON.parse(JSON.stringify(envelope)); // JSON has no -0
    fc.assert(
      fc.property(envelopes, (envelope) => {
        expect(normalized(decodeEnvelope(encodeEnvelope(envelope)))).toEqual(normalized(envelope));
      }),
    );
  });

  it('of any text is refused or read, never anything else', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => `{"jsonrpc":"2.0","id":1,"method":"a","params":${json}}`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          decodeEnvelope(text);
        } catch (error) {
          expect(error).toBeInstanceOf(EnvelopeError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
