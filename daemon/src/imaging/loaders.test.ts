/** In a file of its own: what it takes away from the process stays away. */
import sharp, { type Sharp } from 'sharp';
import { expect, it } from 'vitest';
import { decodeImage, restrictToDecoding } from './index.js';

const plain = (): Sharp => sharp({ create: { width: 8, height: 8, channels: 3, background: '#804020' } });

it('leaves readers of PNG, JPEG, WebP, TIFF and AVIF only', async () => {
  const others = [
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    await plain().gif().toBuffer(),
  ];
  for (const file of others) expect(await sharp(file).metadata()).toHaveProperty('width');
  const files = await Promise.all([
    plain().png().toBuffer(),
    plain().jpeg().toBuffer(),
    plain().webp().toBuffer(),
    plain().tiff().toBuffer(),
    plain().avif().toBuffer(),
  ]);
  await restrictToDecoding();
  for (const file of files) expect(await decodeImage(file)).toMatchObject({ width: 8, height: 8 });
  for (const file of others) await expect(sharp(file).metadata()).rejects.toThrow(/unsupported image format/);
});
