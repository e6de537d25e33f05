/**
 * Which protocol this is, and where a daemon listens.
 *
 * The protocol number changes only when an old peer would misread a message; everything additive is a capability.
 * A daemon serves its own number and the one before it (there is only one so far).
 */

/** WebSocket subprotocol that a client must offer; a daemon refuses the upgrade otherwise. */
export const subprotocol = 'delta.v1';

/** Oldest and newest protocol number that this code speaks, inclusive. */
export const protocolRange = { minimum: 1, maximum: 1 } as const;

/** Loopback ports, tried in this order by the daemon and by every client that looks for one. */
export const daemonPorts = [7411, 7412, 7413, 7414, 7415] as const;

/** HTTP path of the WebSocket endpoint. */
export const socketPath = '/v1/socket';

/** HTTP path that answers anyone, without secrets: product, protocol range, instance. */
export const helloPath = '/v1/hello';

/** HTTP path where a client exchanges a pairing code for its own token. */
export const pairPath = '/v1/pair';

/** HTTP path where a client exchanges its token for a ticket: browsers cannot set headers on a WebSocket. */
export const sessionPath = '/v1/session';

/** Put before a ticket to offer it as a WebSocket subprotocol beside `subprotocol`. */
export const ticketPrefix = 'ticket.';

/** The product name in the hello answer, by which a client knows that a port holds a deltaspace daemon. */
export const productName = 'deltaspace';

/**
 * The newest protocol number that both ranges contain, or undefined when they do not overlap.
 */
export function negotiateProtocol(
  theirs: { minimum: number; maximum: number },
  ours: { minimum: number; maximum: number } = protocolRange,
): number | undefined {
  const newest = Math.min(theirs.maximum, ours.maximum);
  return newest >= Math.max(theirs.minimum, ours.minimum) ? newest : undefined;
}
