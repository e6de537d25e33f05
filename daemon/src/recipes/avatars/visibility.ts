/**
 * Which attributes of an avatar its picture shows.
 *
 * Captions, zero-shot scores and preservation scores must only speak of what is there to be seen. The rules follow
 * the drawings, not common sense: winter hats leave the eyebrows free, and hair colour shows in a beard. The test
 * beside this file checks them against pixels, in both directions.
 */
import { ATTRIBUTE_KEYS, type AttributeKey, type Avatar } from './attributes.js';

export type Visibility = Readonly<Record<AttributeKey, boolean>>;

/** Whether the avatar wears a hat or a beanie, which cover the hair of the head. */
export function wearsHat(avatar: Avatar): boolean {
  return avatar.values.top === 'hat' || avatar.values.top === 'beanie';
}

/** Whether hair on the head shows. */
export function showsHeadHair(avatar: Avatar): boolean {
  return avatar.values.top !== 'bald' && !wearsHat(avatar);
}

/**
 * What can be seen, attribute by attribute. An attribute is visible when changing its value changes the picture.
 * Behind sunglasses the artwork lets the eyes shimmer through translucent lenses and the tips of the eyebrows stand
 * out above the frame, too little to name either; the renderer leaves both out, so that they are seen or not.
 */
export function visibleAttributes(avatar: Avatar): Visibility {
  const visible = Object.fromEntries(ATTRIBUTE_KEYS.map((key) => [key, true])) as Record<AttributeKey, boolean>;
  visible.hairColor = showsHeadHair(avatar) || avatar.values.facialHair !== 'none';
  visible.hatColor = wearsHat(avatar);
  visible.eyes = avatar.values.accessories !== 'sunglasses';
  visible.eyebrows = visible.eyes;
  return visible;
}
