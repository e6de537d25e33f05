/**
 * Why a socket was closed. A close code means that the conversation itself broke and nothing more will be answered;
 * everything about one request travels as an error answer instead (errors.ts).
 */
export const closeCodes = {
  /** The side that closes is done. Not an error. */
  normal: { code: 1000, summary: 'The side that closes is done; not an error.' },
  /** The daemon stops or restarts; connect again later. */
  goingAway: { code: 1001, summary: 'The daemon stops or restarts. Connect again later.' },
  /** A message above `messageBytes` or `requestCharacters`. */
  messageTooBig: { code: 1009, summary: 'A message exceeded the limits of `initialize`. Send blobs in chunks.' },
  /** Text that is no JSON-RPC 2.0 object, a binary frame against the layout, or an answer to nothing. */
  protocolViolation: { code: 4000, summary: 'A message could not be understood at all: fix the client.' },
  /** Anything but `initialize` came first, or it came twice. */
  notInitialized: { code: 4002, summary: 'The first message must be `initialize`, once.' },
  /** The protocol ranges of both sides do not overlap. */
  unsupportedProtocol: { code: 4003, summary: 'No protocol number in common. Update the older side.' },
  /** No `initialize` within `handshakeMs`. */
  handshakeTimeout: { code: 4004, summary: '`initialize` did not come in time.' },
  /** The user took the token of the client back. */
  accessRevoked: { code: 4005, summary: 'The user revoked the client. Pair again.' },
  /** The client does not read what it asked for. */
  slowConsumer: { code: 4008, summary: 'The client asked for more than it reads. Ask for fewer ranges at a time.' },
} as const;

export type CloseReason = keyof typeof closeCodes;
