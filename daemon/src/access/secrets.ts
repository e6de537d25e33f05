/**
 * Tokens, tickets and pairing codes: how they are drawn, written down and compared.
 *
 * Tokens and tickets have 256 bit and are kept as sha256 only; that is enough for secrets which nobody chose. Pairing codes
 * are short because people type them; what protects them are few tries and a short life (pairing.ts).
 */
import { createHash, randomBytes } from 'node:crypto';

/** Where chance comes from: that many random bytes. */
export type RandomSource = (count: number) => Uint8Array;

export const systemRandom: RandomSource = randomBytes;

const tokenBytes = 32;
const codeCharacters = 8;

/** 32 characters, without I, L, O and U, which are misread. A byte modulo 32 is fair. */
const codeAlphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A token or ticket: 43 characters that are safe in headers. */
export function drawToken(random: RandomSource): string {
  return Buffer.from(random(tokenBytes)).toString('base64url');
}

/** A pairing code of 40 bit, as `K7QM-2XWD`. */
export function drawCode(random: RandomSource): string {
  const characters = [...random(codeCharacters)].map((byte) => codeAlphabet[byte % codeAlphabet.length] as string);
  return `${characters.slice(0, 4).join('')}-${characters.slice(4).join('')}`;
}

/** A code as it is compared: what people confuse or add while typing makes no difference. */
export function normalizeCode(typed: string): string {
  return typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
}

/** What is kept of a token: its sha256 in hexadecimal digits. */
export function fingerprint(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
