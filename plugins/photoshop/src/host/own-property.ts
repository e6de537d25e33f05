/**
 * Puts `Object.hasOwn` where UXP lacks it: our code and its libraries call it. Imported before everything else, for its effect.
 */
const object = Object as { hasOwn?: (of: object, name: PropertyKey) => boolean };

object.hasOwn ??= (of, name) => Object.prototype.hasOwnProperty.call(of, name);
