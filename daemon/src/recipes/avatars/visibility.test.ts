import { describe, expect, it } from 'vitest';
import {
  ATTRIBUTE_KEYS,
  drawingsOf,
  valuesOf,
  withAttribute,
  type AttributeKey,
  type AttributeValue,
  type Avatar,
} from './attributes.js';
import { renderAvatar } from './renderer.js';
import { seededRandom } from './seeded-random.js';
import { avatarAt, changeAttribute } from './splits.js';
import { visibleAttributes } from './visibility.js';

const SIZE = 64;
/** A visible change moves at least this many of the 12288 bytes by more than the threshold: a mouth is 60 or so. */
const VISIBLE_BYTES = 20;
const VISIBLE_LEVELS = 12;

describe('visibleAttributes agrees with the pixels', () => {
  it('next to every drawing of every other attribute', { timeout: 180_000 }, async () => {
    const random = seededRandom(5);
    const wrong: string[] = [];
    let index = 0;
    for (const context of ATTRIBUTE_KEYS) {
      for (const value of valuesOf(context)) {
        for (let drawing = 0; drawing < drawingsOf(context, value).length; drawing++) {
          const avatar = withAttribute(
            avatarAt('train', index++),
            context,
            value as AttributeValue<typeof context>,
            drawing,
          );
          for (const key of ATTRIBUTE_KEYS) {
            if (key !== context)
              wrong.push(...(await disagreements(avatar, changeAttribute(avatar, key, random), key)));
          }
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('for random avatars with any one attribute changed', { timeout: 180_000 }, async () => {
    const random = seededRandom(6);
    const wrong: string[] = [];
    for (let i = 0; i < 40; i++) {
      const avatar = avatarAt('validation', i);
      for (const key of ATTRIBUTE_KEYS) {
        wrong.push(...(await disagreements(avatar, changeAttribute(avatar, key, random), key)));
      }
    }
    expect(wrong).toEqual([]);
  });
});

/** What the rules say about a change of `key`, against what the two pictures show. */
async function disagreements(before: Avatar, after: Avatar, key: AttributeKey): Promise<string[]> {
  const [a, b] = await Promise.all([renderAvatar(before, SIZE), renderAvatar(after, SIZE)]);
  const changed = a.reduce((sum, byte, i) => sum + Number(Math.abs(byte - (b[i] ?? 0)) > VISIBLE_LEVELS), 0);
  const identical = a.every((byte, i) => byte === b[i]);
  const claimed = visibleAttributes(before)[key] && visibleAttributes(after)[key];
  const description = `${key} ${before.values[key]} → ${after.values[key]} in ${JSON.stringify(before)}`;
  if (!claimed && visibleAttributes(before)[key] === visibleAttributes(after)[key] && !identical) {
    return [`invisible but changes the picture: ${description}`];
  }
  return claimed && changed < VISIBLE_BYTES ? [`visible but changes ${changed} bytes: ${description}`] : [];
}
