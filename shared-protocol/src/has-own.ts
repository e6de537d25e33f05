/** `Object.hasOwn` for tables, which script engines of older editors lack. */
export function hasOwn(table: object, name: string): boolean {
  return Object.prototype.hasOwnProperty.call(table, name);
}
