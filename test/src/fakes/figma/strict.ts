/** Objects of which nothing is known but what is written down: everything else throws, as a member that Figma has not. */

const references = new WeakSet<object>();

/** Says that an object is handed out as itself and not as a copy when it crosses into a sandbox. */
export function asReference<T extends object>(object: T): T {
  references.add(object);
  return object;
}

export const isReference = (value: object): boolean => references.has(value);

/** Makes reading, writing and asking for unknown members an error. Symbols and `then` are asked for by the language itself. */
export function strict<T extends object>(name: string, members: T): T {
  return asReference(
    new Proxy(members, {
      get(target, key, receiver) {
        if (typeof key === 'symbol' || key === 'then' || key === 'toJSON' || key in target)
          return Reflect.get(target, key, receiver) as unknown;
        throw new TypeError(`${name}.${key} is not known to the fake Figma`);
      },
      set(target, key, value, receiver) {
        if (!(key in target)) throw new TypeError(`${name}.${String(key)} is not known to the fake Figma`);
        return Reflect.set(target, key, value, receiver);
      },
    }),
  );
}

/** Freezes a value with all in it, as Figma does with what it hands out. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
