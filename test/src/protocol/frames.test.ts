import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame, FrameError, protocolLimits } from '@deltaspace/shared-protocol';
import { brokenFrames, soundFrames } from './frame-vectors.js';

describe('binary frames', () => {
  it.each(soundFrames)('writes $name byte for byte', ({ bytes, frame }) => {
    expect(Buffer.from(encodeFrame(frame)).toString('hex')).toBe(Buffer.from(bytes).toString('hex'));
  });

  it.each(soundFrames)('reads $name', ({ bytes, frame }) => {
    expect(decodeFrame(bytes)).toEqual(frame);
  });

  it.each(brokenFrames)('refuses $name', ({ bytes, complaint }) => {
    expect(() => decodeFrame(bytes)).toThrow(FrameError);
    expect(() => decodeFrame(bytes)).toThrow(complaint);
  });

  it('puts the payload on a multiple of eight, so that it can be viewed as float64', () => {
    const bytes = encodeFrame({
      type: 'uploadChunk',
      header: { uploadId: 'upload', offset: 123 },
      payload: new Uint8Array(16),
    });
    expect((bytes.length - 16) % 8).toBe(0);
  });

  it('reads a frame from the middle of a larger buffer', () => {
    const { bytes, frame } = soundFrames[0] as (typeof soundFrames)[number];
    const larger = new Uint8Array(bytes.length + 6);
    larger.set(bytes, 3);
    expect(decodeFrame(larger.subarray(3, 3 + bytes.length))).toEqual(frame);
  });

  it('takes a payload of exactly one chunk and not a byte more', () => {
    const frame = (size: number) =>
      ({ type: 'uploadChunk', header: { uploadId: 'u', offset: 0 }, payload: new Uint8Array(size) }) as const;
    expect(decodeFrame(encodeFrame(frame(protocolLimits.chunkBytes))).payload.length).toBe(protocolLimits.chunkBytes);
    expect(() => encodeFrame(frame(protocolLimits.chunkBytes + 1))).toThrow(FrameError);
  });
});
