/**
 * Objects that throw on members that the fake does not have, instead of answering `undefined`: code that uses more of Photoshop
 * than the fake implements fails in the test, not in the editor.
 */

/** What promises, printing and tests look for on any object. */
const alwaysAllowed = ['then', 'toJSON', 'constructor', 'asymmetricMatch', '$$typeof', 'nodeType', 'tagName'];

export function strict<T extends object>(target: T, name: string): T {
  return new Proxy(target, {
    get: (object, member, receiver): unknown => {
      if (typeof member === 'string' && !(member in object) && !alwaysAllowed.includes(member)) {
        throw new Error(`the fake Photoshop has no ${name}.${member}`);
      }
      return Reflect.get(object, member, receiver);
    },
    set: (object, member, value, receiver) => {
      if (!(member in object)) throw new Error(`the fake Photoshop has no ${name}.${String(member)} to set`);
      return Reflect.set(object, member, value, receiver);
    },
  });
}
