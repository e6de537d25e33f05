/**
 * How a request is refused before there is a socket: a code of the table in shared-protocol, and words.
 */
import type { Duplex } from 'node:stream';
import { STATUS_CODES } from 'node:http';
import { httpErrors, type HttpErrorCode } from '@deltaspace/shared-protocol';
import { daemonSettings } from '../config/settings.js';

export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal';
  readonly status: number;

  constructor(
    readonly code: HttpErrorCode,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = httpErrors[code].status;
  }

  get body(): { error: HttpErrorCode; message: string } {
    return { error: this.code, message: this.message };
  }
}

/**
 * Answers on a bare socket and gives it up. What still arrives is read and dropped for a moment: a socket that is closed
 * with unread bytes is reset, and the peer would lose the answer.
 */
export function refuseOnSocket(socket: Duplex, refusal: HttpRefusal): void {
  const body = JSON.stringify(refusal.body);
  const headers = Object.entries(refusal.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => undefined); // The stranger may hang up first; nothing is lost.
  socket.end(
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}\r\n${headers.join('')}` +
      'Content-Type: application/json\r\nCache-Control: no-store\r\nConnection: close\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  socket.resume();
  const cut = setTimeout(() => socket.destroy(), daemonSettings.refusedDrainMs);
  socket.once('close', () => clearTimeout(cut));
}
