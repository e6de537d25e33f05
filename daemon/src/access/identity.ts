/**
 * Who is behind a connection, once the credentials were checked.
 *
 * Either the user, proven by the 0600 token file, with every scope; or a client that the user paired, with the scopes granted
 * then. Origins are compared with what is known of the identity: an origin alone proves nothing.
 */
import { scopes, type Scope } from '@deltaspace/shared-protocol';

export type Identity =
  | { readonly kind: 'user' }
  | {
      readonly kind: 'client';
      readonly id: string;
      readonly scopes: readonly Scope[];
      /** The web origin that the user let in with this client. */
      readonly origin: string | undefined;
    };

/** The Origin header of a request: none for native programs, `own` for pages that the daemon serves itself. */
export type RequestOrigin =
  { readonly kind: 'none' } | { readonly kind: 'own' } | { readonly kind: 'other'; readonly text: string };

/** What plugin hosts and sandboxed frames send. Any web page can produce it, so it is never a proof. */
export const opaqueOrigin = 'null';

export function scopesOf(identity: Identity): readonly Scope[] {
  return identity.kind === 'user' ? scopes : identity.scopes;
}

/** Names whom jobs belong to. Ids of clients are made by the daemon and never this word. */
export function ownerOf(identity: Identity): string {
  return identity.kind === 'user' ? 'user' : identity.id;
}

/** Whether both name the same holder of a token. */
export function isSameIdentity(one: Identity, other: Identity): boolean {
  if (one.kind === 'user' || other.kind === 'user') return one.kind === other.kind;
  return one.id === other.id;
}

/**
 * Whether the holder of a token may come from an origin. The user's token is for native programs and own pages; a page with
 * an opaque origin that somehow got it is refused.
 */
export function mayComeFrom(identity: Identity, origin: RequestOrigin): boolean {
  if (origin.kind !== 'other') return true;
  if (identity.kind === 'user') return false;
  return origin.text === opaqueOrigin || origin.text === identity.origin;
}

/**
 * One text for an origin, to bind tickets to. No origin and an opaque one are the same: hosts of plugins may send the one with
 * a request and the other with a socket, and neither is a web origin that a ticket could be kept to.
 */
export function originKey(origin: RequestOrigin): string {
  if (origin.kind === 'own') return '(own)';
  return origin.kind === 'none' || origin.text === opaqueOrigin ? '(no web origin)' : origin.text;
}
