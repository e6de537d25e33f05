/**
 * Minimal ICC profiles (version 2, matrix and curve) for the spaces of `colour.ts`, and the name of one that a file holds.
 *
 * Good enough for readers that check what they embed. Curves are a single gamma or 1024 samples.
 */
import { grayProfile, rgbProfiles, whiteD50 } from './colour.js';
import { ByteWriter } from './psd-bytes.js';

const fixed = (value: number): number => Math.round(value * 65_536) >>> 0;

/** The bytes of a profile by its name. */
export function iccProfile(name: string): Uint8Array {
  const rgb = rgbProfiles[name];
  if (rgb === undefined && name !== grayProfile) throw new Error(`no ICC profile is made for "${name}"`);
  const tags: [string, Uint8Array][] = [
    ['desc', description(name)],
    ['cprt', new ByteWriter().ascii('text').zeros(4).ascii('No copyright, use freely\0').toBytes()],
    ['wtpt', xyz(whiteD50)],
  ];
  if (rgb === undefined) tags.push(['kTRC', curve((value) => value ** 2.2)]);
  else {
    (['r', 'g', 'b'] as const).forEach((letter, column) => {
      const [x, y, z] = rgb.toXyz;
      tags.push([`${letter}XYZ`, xyz([x[column]!, y[column]!, z[column]!])]);
      tags.push([`${letter}TRC`, curve(rgb.toLight)]);
    });
  }
  return assemble(rgb === undefined ? 'GRAY' : 'RGB ', tags);
}

/** The description of a profile; empty when it has none that can be read. */
export function iccName(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let index = 0; index < view.getUint32(128); index++) {
    const entry = 132 + index * 12;
    if (String.fromCharCode(...bytes.subarray(entry, entry + 4)) !== 'desc') continue;
    const start = view.getUint32(entry + 4) + 12;
    return String.fromCharCode(...bytes.subarray(start, start + view.getUint32(start - 4) - 1));
  }
  return '';
}

function assemble(space: string, tags: readonly (readonly [string, Uint8Array])[]): Uint8Array {
  const header = new ByteWriter();
  header.uint32(0).zeros(4).uint32(0x0210_0000).ascii('mntr').ascii(space).ascii('XYZ ');
  for (const part of [2026, 1, 1, 0, 0, 0]) header.uint16(part);
  header.ascii('acsp').zeros(4 * 7);
  for (const part of whiteD50) header.uint32(fixed(part));
  header.zeros(128 - header.length).uint32(tags.length);
  const body = new ByteWriter();
  const start = 132 + tags.length * 12;
  for (const [tag, data] of tags) {
    header
      .ascii(tag)
      .uint32(start + body.length)
      .uint32(data.length);
    body.bytes(data).zeros((4 - (data.length % 4)) % 4);
  }
  const bytes = header.bytes(body.toBytes()).toBytes();
  new DataView(bytes.buffer).setUint32(0, bytes.length);
  return bytes;
}

function description(name: string): Uint8Array {
  return new ByteWriter()
    .ascii('desc')
    .zeros(4)
    .uint32(name.length + 1)
    .ascii(`${name}\0`)
    .zeros(78)
    .toBytes();
}

function xyz(values: readonly number[]): Uint8Array {
  const writer = new ByteWriter().ascii('XYZ ').zeros(4);
  for (const value of values) writer.uint32(fixed(value));
  return writer.toBytes();
}

function curve(toLight: (encoded: number) => number): Uint8Array {
  const count = 1024;
  const writer = new ByteWriter().ascii('curv').zeros(4).uint32(count);
  for (let index = 0; index < count; index++) writer.uint16(Math.round(toLight(index / (count - 1)) * 65_535));
  return writer.toBytes();
}
