import { describe, expect, it } from 'vitest';
import { changeEntries, counterfactual } from './edit-suite.js';
import { type AttributeChanges, type Avatar } from './attributes.js';
import { avatarSvg, renderAvatar, renderStrip } from './renderer.js';
import { avatarAt } from './splits.js';

/**
 * Left, top, right and bottom of the region that a part may change, as fractions of the picture. An eye patch's strap
 * reaches to the top of the head and a full beard to the collar.
 */
type Region = readonly [number, number, number, number];
const FACE_PARTS: readonly { changes: AttributeChanges; region: Region }[] = [
  { changes: { mouth: 'tongue' }, region: [0.3, 0.5, 0.7, 0.8] },
  { changes: { mouth: 'sad' }, region: [0.3, 0.5, 0.7, 0.8] },
  { changes: { eyes: 'hearts' }, region: [0.25, 0.3, 0.75, 0.6] },
  { changes: { eyes: 'closed' }, region: [0.25, 0.3, 0.75, 0.6] },
  { changes: { eyebrows: 'angry' }, region: [0.25, 0.25, 0.75, 0.5] },
  { changes: { facialHair: 'moustache' }, region: [0.2, 0.35, 0.8, 0.95] },
  { changes: { accessories: 'glasses' }, region: [0.15, 0.1, 0.85, 0.6] },
  { changes: { clothing: 'suit', clothesColor: 'blue' }, region: [0, 0.7, 1, 1] },
];

describe('renderAvatar', () => {
  it('gives the same pixels every time', async () => {
    const avatar = avatarAt('test', 0);
    expect(await renderAvatar(avatar, 64)).toEqual(await renderAvatar(avatar, 64));
  });

  it('draws at any size what it draws at another', async () => {
    const avatar = avatarAt('test', 1);
    const small = await renderAvatar(avatar, 64);
    const halved = halve(await renderAvatar(avatar, 128), 128);
    // Twice the resolution averaged down differs only where edges are anti-aliased differently.
    const error = small.reduce((sum, byte, i) => sum + Math.abs(byte - (halved[i] ?? 0)), 0) / small.length;
    expect(error).toBeLessThan(3);
    expect((await renderAvatar(avatar, 100)).length).toBe(100 * 100 * 3);
  });

  it('draws the same pixels alone and in a strip', { timeout: 60_000 }, async () => {
    const avatars = Array.from({ length: 48 }, (_, i) => avatarAt('train', i));
    for (const size of [16, 33]) {
      const alone = await Promise.all(avatars.map((avatar) => renderAvatar(avatar, size)));
      expect(Buffer.compare(await renderStrip(avatars, size), Buffer.concat(alone))).toBe(0);
    }
  });

  it('fills the corners beside the head with the background', async () => {
    const pixels = await renderAvatar(counterfactual(avatarAt('test', 2), { top: 'bald', background: 'blue' }), 64);
    expect([...pixels.subarray(0, 3)]).toEqual([0xb6, 0xe3, 0xf4]);
  });

  it('changes only the part of the picture that an edit is about', { timeout: 60_000 }, async () => {
    for (const { changes, region } of FACE_PARTS) {
      for (let index = 0; index < 12; index++) {
        const before = avatarAt('test', index);
        expect(await changedOutside(before, counterfactual(before, changes), region), JSON.stringify(changes)).toBe(0);
      }
    }
  });

  it('refuses a size that is not a whole number of at least 8 pixels', async () => {
    await expect(renderAvatar(avatarAt('test', 0), 7)).rejects.toThrow('received 7');
    await expect(renderAvatar(avatarAt('test', 0), 64.5)).rejects.toThrow('received 64.5');
  });
});

describe('avatarSvg', () => {
  it('drops the mask and the metadata that cost time and show nothing', () => {
    const svg = avatarSvg(avatarAt('train', 0));
    expect(svg).not.toContain('metadata');
    expect(svg).not.toContain('viewboxMask');
    expect(svg).toMatch(/^<svg [^>]*viewBox="27 13 226 226"/);
  });

  it('draws each changed attribute from its own drawing', () => {
    const changes: AttributeChanges = { skin: 'dark', clothesColor: 'red', background: 'green' };
    const svg = avatarSvg(counterfactual(avatarAt('train', 1), changes));
    expect(changeEntries(changes).length).toBe(3);
    for (const hex of ['614335', 'e53935', 'c6f0c2']) expect(svg).toContain(hex);
  });
});

async function changedOutside(before: Avatar, after: Avatar, [left, top, right, bottom]: Region): Promise<number> {
  const size = 64;
  // Hidden parts reappear with sunglasses taken off; those edits are not local to one part.
  if (before.values.accessories === 'sunglasses') return 0;
  const [a, b] = await Promise.all([renderAvatar(before, size), renderAvatar(after, size)]);
  let outside = 0;
  for (let i = 0; i < a.length; i++) {
    const x = (Math.floor(i / 3) % size) / size;
    const y = Math.floor(i / 3 / size) / size;
    const inside = x >= left && x <= right && y >= top && y <= bottom;
    if (!inside && a[i] !== b[i]) outside++;
  }
  return outside;
}

function halve(pixels: Uint8Array, size: number): Float64Array {
  const half = size / 2;
  const result = new Float64Array(half * half * 3);
  for (let i = 0; i < pixels.length; i++) {
    const [x, y] = [Math.floor(i / 3) % size, Math.floor(i / 3 / size)];
    const target = (Math.floor(y / 2) * half + Math.floor(x / 2)) * 3 + (i % 3);
    result[target] = (result[target] ?? 0) + (pixels[i] ?? 0) / 4;
  }
  return result;
}
