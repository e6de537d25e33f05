/**
 * Refusals before there is a socket: one table of stable codes with their HTTP status.
 *
 * The body of every refusal is `{ "error": CODE, "message": TEXT }`. Programs branch on the code, people read the message,
 * which says what to do. Once the socket is open, errors.ts and close-codes.ts take over.
 */
export const httpErrors = {
  bad_request: { status: 400, summary: 'The request or its body cannot be read.' },
  wrong_subprotocol: { status: 400, summary: 'The upgrade did not offer `delta.v1`.' },
  wrong_http_version: { status: 400, summary: 'Upgrades need HTTP/1.1.' },
  query_not_allowed: { status: 400, summary: 'An address with a query: tokens and codes never go into addresses.' },
  unauthorized: { status: 401, summary: 'No token or ticket, or one that is wrong, used, expired or revoked.' },
  wrong_origin: { status: 403, summary: 'The web origin is not on the list; the message says how to pair.' },
  pairing_refused: { status: 403, summary: 'The pairing code is wrong, used, expired or for another origin.' },
  not_found: { status: 404, summary: 'There is nothing at that path.' },
  method_not_allowed: { status: 405, summary: 'The path takes another HTTP method.' },
  request_timeout: { status: 408, summary: 'The head of the request did not come in time.' },
  body_too_large: { status: 413, summary: 'The body exceeds its limit.' },
  wrong_content_type: { status: 415, summary: 'The body must be `application/json`.' },
  wrong_host: { status: 421, summary: 'The Host header does not name the daemon.' },
  upgrade_required: { status: 426, summary: 'The path is the WebSocket endpoint.' },
  rate_limited: { status: 429, summary: 'Too many attempts. Wait as long as `Retry-After` says.' },
  too_many_tickets: { status: 429, summary: 'Too many tickets are open. Use one, or wait until they expire.' },
  headers_too_large: { status: 431, summary: 'The head of the request has too many bytes or headers.' },
  internal_error: { status: 500, summary: 'A defect of the daemon, which goes on; its log has the details.' },
  too_many_connections: { status: 503, summary: 'Close another connection first.' },
} as const;

export type HttpErrorCode = keyof typeof httpErrors;
