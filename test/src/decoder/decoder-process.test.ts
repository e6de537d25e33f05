/** The decoder process: what it gives, and what becomes of files that take it down. Time passes only where a test says so. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DecoderProcess, defaultImageLimits, encodePng, type DecoderOptions } from '@deltaspace/daemon';
import { compiled } from '../fakes/daemon-process.js';
import { blackRows, png } from '../fixtures/png-by-hand.js';

const entries = {
  real: pathToFileURL(compiled('../../daemon/dist/decoder/child.js')),
  scripted: pathToFileURL(compiled('fakes/scripted-decoder.js')),
};
let folder: string;
beforeAll(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'deltaspace-decoder-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const started: DecoderProcess[] = [];
afterEach(() => started.splice(0).forEach((decoder) => decoder.end()));

/** A decoder whose time never passes, and what ends the time of the image being decoded. */
function decoderOf(kind: keyof typeof entries, options: Partial<DecoderOptions> = {}) {
  let timeIsUp: () => void = () => undefined;
  const schedule = (callback: () => void): (() => void) => {
    timeIsUp = callback;
    return () => undefined;
  };
  const decoder = new DecoderProcess({ limits: defaultImageLimits, entry: entries[kind], schedule, ...options });
  started.push(decoder);
  return { decoder, timeIsUp: () => timeIsUp() };
}

const fileOf = async (name: string, bytes: Uint8Array): Promise<string> => {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return file;
};

describe('the decoder process', () => {
  it('gives exactly the pixels of a picture, those of several megabytes too', async () => {
    const { decoder } = decoderOf('real');
    const image = { width: 1500, height: 1100, data: Uint8Array.from({ length: 1500 * 1100 * 4 }, (_, i) => i * 7) };
    const decoded = await decoder.decode(await fileOf('large.png', await encodePng(image)));
    expect([decoded.width, decoded.height]).toEqual([1500, 1100]);
    expect(Buffer.compare(decoded.data, image.data)).toBe(0);
  });

  it('is started by the first picture, kept, and answers in order', async () => {
    const { decoder } = decoderOf('real');
    expect(decoder.pid).toBeUndefined();
    const files = await Promise.all([3, 9, 5].map((side) => fileOf(`${side}.png`, png(side, 1, blackRows(side, 1)))));
    const images = await Promise.all(files.map((file) => decoder.decode(file)));
    const { pid } = decoder;
    expect(images.map(({ width }) => width)).toEqual([3, 9, 5]);
    await decoder.decode(files[0] as string);
    expect(decoder.pid).toBe(pid);
  });

  it('is replaced after so many pictures', async () => {
    const { decoder } = decoderOf('scripted', { imagesPerProcess: 2 });
    await decoder.decode('sound');
    const { pid } = decoder;
    await decoder.decode('sound');
    await decoder.decode('sound');
    expect(decoder.pid).not.toBe(pid);
  });

  it('refuses a picture that needs too much memory, and is well afterwards', async () => {
    const { decoder } = decoderOf('real', { mostResidentBytes: 100 * 2 ** 20 });
    const large = await fileOf('6000.png', png(6000, 6000, blackRows(6000, 6000)));
    await expect(decoder.decode(large)).rejects.toMatchObject({ code: 'image_too_large' });
    const small = decoder.decode(await fileOf('8.png', png(8, 8, blackRows(8, 8))));
    await expect(small).resolves.toMatchObject({ width: 8 });
  });

  it.each([
    ['crash', { code: 'image_damaged', message: expect.stringContaining('SIGSEGV') as unknown }],
    ['leave', { code: 'image_damaged', message: expect.stringContaining('code 3') as unknown }],
    ['half a picture', { code: 'image_damaged' }],
    ['too much memory', { code: 'image_too_large', message: expect.stringContaining('3072 MiB') as unknown }],
    ['a huge size', { code: 'image_too_large' }],
    ['too many pixels', { message: expect.stringContaining('too many pixels') as unknown }],
    ['defect', { message: expect.stringContaining('a defect') as unknown }],
  ])('is there for the next picture after: %s', async (command, failure) => {
    const { decoder } = decoderOf('scripted');
    await expect(decoder.decode(command)).rejects.toMatchObject(failure);
    expect((await decoder.decode('sound')).data).toEqual(new Uint8Array(16).fill(7));
  });

  it('is killed when a picture takes too long, and there for the next one', async () => {
    const { decoder, timeIsUp } = decoderOf('scripted');
    await decoder.decode('sound');
    const { pid } = decoder;
    const hanging = decoder.decode('hang');
    const next = decoder.decode('sound');
    await Promise.resolve(); // the hanging one has begun
    timeIsUp();
    await expect(hanging).rejects.toMatchObject({ code: 'image_timeout' });
    await expect(next).resolves.toMatchObject({ width: 2 });
    expect(() => process.kill(pid as number, 0)).toThrow('ESRCH');
  });

  it('is killed when nobody wants the picture any more, and there for the next one', async () => {
    const { decoder } = decoderOf('scripted');
    await decoder.decode('sound');
    const { pid } = decoder;
    const cancel = new AbortController();
    const hanging = decoder.decode('hang', cancel.signal);
    const waiting = decoder.decode('hang', AbortSignal.abort(new Error('not wanted either')));
    await Promise.resolve(); // the hanging one has begun
    cancel.abort(new Error('not wanted'));
    await expect(hanging).rejects.toThrow('not wanted');
    await expect(waiting).rejects.toThrow('not wanted either');
    await expect(decoder.decode('sound', new AbortController().signal)).resolves.toMatchObject({ width: 2 });
    expect(() => process.kill(pid as number, 0)).toThrow('ESRCH');
  });

  it('says so when it does not start', async () => {
    const { decoder } = decoderOf('real', { entry: pathToFileURL(path.join(folder, 'missing.js')) });
    await expect(decoder.decode('any')).rejects.toThrow(/does not start .*\n?.*/);
  });
});
