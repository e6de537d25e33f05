/** Who may use the daemon. Start reading at access.ts. */
export { Access, type AccessParts } from './access.js';
export { systemClock, type Clock } from './clock.js';
export * from './identity.js';
export type { Grant, Offer } from './pairing.js';
export { RateLimit } from './rate-limit.js';
export { systemRandom, type RandomSource } from './secrets.js';
