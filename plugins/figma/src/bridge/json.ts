/** Values that JSON can say. Plugin data and the plugin's storage hold nothing else. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** UTF-8 bytes of a text. The main side has no TextEncoder. */
export function utf8Bytes(text: string): number {
  let sizeBytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    sizeBytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return sizeBytes;
}
