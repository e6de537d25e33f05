/**
 * The same in a web page, with a token from pairing: browsers cannot set headers on a WebSocket, so they offer a ticket.
 */
import { openClient, openSession, sha256With, socketPath, ticketProtocols } from '@deltaspace/shared-protocol';

export interface BrowserEdit {
  readonly port: number;
  /** From `pairWithCode`, once; keep it. */
  readonly token: string;
  readonly picture: Blob;
  readonly target: string;
  readonly signal?: AbortSignal;
}

/** What the requests need of the page: `pairWithCode` takes the same. */
const browser = {
  fetch: (url: string, init: RequestInit) => fetch(url, init),
  after: (delayMs: number, callback: () => void) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Returns the edited picture as a PNG. */
export async function editInBrowser({ port, token, picture, target, signal }: BrowserEdit): Promise<Blob> {
  const { ticket } = await openSession(browser, { host: '127.0.0.1', port }, token);
  signal?.throwIfAborted();
  const socket = new WebSocket(`ws://127.0.0.1:${port}${socketPath}`, ticketProtocols(ticket));
  const cancellation = signal === undefined ? {} : { signal };
  const client = await openClient(socket, {
    name: 'my page',
    version: '1',
    sha256: sha256With(crypto.subtle),
    ...cancellation,
  });
  try {
    const digest = await client.upload(new Uint8Array(await picture.arrayBuffer()), cancellation);
    const image = { encoding: 'file', digest } as const;
    const { outputs } = await client.call('edit', { image, targets: [target] }, cancellation);
    if (outputs[0] === undefined) throw new Error('the daemon made no output');
    const bytes = await client.download(outputs[0].image.digest, cancellation);
    return new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/png' });
  } finally {
    client.close();
  }
}
