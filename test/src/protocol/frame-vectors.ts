/**
 * Binary frames as literal bytes: what every implementation of the protocol, in any language, must write and refuse.
 */
import type { Frame } from '@deltaspace/shared-protocol';

const digest = `sha256:${'ab'.repeat(32)}`;

/** Bytes of hexadecimal text; white space is layout. */
export function hex(text: string): Uint8Array {
  const digits = text.replace(/\s/g, '');
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    parseInt(digits.slice(2 * index, 2 * index + 2), 16),
  );
}

/** `{"uploadId":"u","offset":0}`: 27 bytes. */
const shortHeader = '7b2275706c6f61644964223a2275222c226f6666736574223a307d';

export const soundFrames: { name: string; bytes: Uint8Array; frame: Frame }[] = [
  {
    name: 'an upload chunk whose header needs five bytes of padding',
    bytes: hex(`01 01 0000 1b000000 ${shortHeader} 0000000000 deadbeef`),
    frame: { type: 'uploadChunk', header: { uploadId: 'u', offset: 0 }, payload: hex('deadbeef') },
  },
  {
    name: 'an upload chunk whose header ends on the boundary',
    // {"uploadId":"abcdef","offset":0}: 32 bytes
    bytes: hex('01 01 0000 20000000 7b2275706c6f61644964223a22616263646566222c226f6666736574223a307d 00'),
    frame: { type: 'uploadChunk', header: { uploadId: 'abcdef', offset: 0 }, payload: hex('00') },
  },
  {
    name: 'a download chunk',
    bytes: hex(
      '01 02 0000 6b000000' +
        Array.from(`{"request":7,"digest":"${digest}","offset":5}`, (c) => c.charCodeAt(0).toString(16)).join('') +
        '0000000000 ff',
    ),
    frame: { type: 'downloadChunk', header: { request: 7, digest, offset: 5 }, payload: hex('ff') },
  },
];

export const brokenFrames: { name: string; bytes: Uint8Array; complaint: RegExp }[] = [
  { name: 'no bytes', bytes: hex(''), complaint: /0 bytes/ },
  { name: 'seven bytes', bytes: hex('01 01 0000 1b0000'), complaint: /7 bytes/ },
  { name: 'another version', bytes: hex(`02 01 0000 1b000000 ${shortHeader} 0000000000 de`), complaint: /version 2/ },
  { name: 'an unknown type', bytes: hex(`01 09 0000 1b000000 ${shortHeader} 0000000000 de`), complaint: /type 9/ },
  { name: 'a flag', bytes: hex(`01 01 0100 1b000000 ${shortHeader} 0000000000 de`), complaint: /flags 0x1/ },
  { name: 'no header', bytes: hex('01 01 0000 00000000 de'), complaint: /header length 0/ },
  { name: 'a header past the end', bytes: hex('01 01 0000 1b000000 7b22'), complaint: /exceeds the frame/ },
  { name: 'a huge header length', bytes: hex('01 01 0000 ffffffff 7b22'), complaint: /header length 4294967295/ },
  {
    name: 'padding that is not zero',
    bytes: hex(`01 01 0000 1b000000 ${shortHeader} 0000000001 de`),
    complaint: /padding/,
  },
  { name: 'no payload', bytes: hex(`01 01 0000 1b000000 ${shortHeader} 0000000000`), complaint: /payload has 0 bytes/ },
  { name: 'a header that is no JSON', bytes: hex('01 01 0000 02000000 7b7b 000000000000 de'), complaint: /not JSON/ },
  { name: 'a header that is an array', bytes: hex('01 01 0000 02000000 5b5d 000000000000 de'), complaint: /header/ },
  {
    name: 'a header in bad UTF-8',
    bytes: hex('01 01 0000 02000000 c0af 000000000000 de'),
    complaint: /not JSON in UTF-8/,
  },
  {
    name: 'an unknown header member', // {"uploadId":"u","offset":0,"x":1}
    bytes: hex(
      '01 01 0000 21000000 7b2275706c6f61644964223a2275222c226f6666736574223a302c2278223a317d 00000000000000 de',
    ),
    complaint: /header/,
  },
  {
    name: 'a negative offset', // {"uploadId":"u","offset":-1}
    bytes: hex('01 01 0000 1c000000 7b2275706c6f61644964223a2275222c226f6666736574223a2d317d 00000000 de'),
    complaint: /header/,
  },
];
