/**
 * A plugin as far as getting in goes: it posts a code, keeps its token, asks for tickets.
 */
import {
  DeltaClient,
  pairPath,
  sessionPath,
  type ClientOptions,
  type PairedClient,
  type Scope,
} from '@deltaspace/shared-protocol';
import { openSocket } from '@deltaspace/daemon';
import type { TestDaemon } from './daemon-process.js';
import { exchange, head, type Header, type RawAnswer } from './raw-http.js';

export interface Paired {
  readonly token: string;
  readonly client: PairedClient;
}

export interface PostOptions {
  readonly origin?: string | undefined;
  readonly token?: string | undefined;
  readonly contentType?: string | undefined;
}

/** Posts a JSON body, or any text as a body. */
export function post(port: number, path: string, body: object | string, options: PostOptions = {}): Promise<RawAnswer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers: Header[] = [
    ['Host', `127.0.0.1:${port}`],
    ['Content-Length', String(Buffer.byteLength(text))],
  ];
  const { origin, token, contentType = 'application/json' } = options;
  if (contentType !== '') headers.push(['Content-Type', contentType]);
  if (origin !== undefined) headers.push(['Origin', origin]);
  if (token !== undefined) headers.push(['Authorization', `Bearer ${token}`]);
  return exchange(port, head(`POST ${path} HTTP/1.1`, headers) + Buffer.from(text).toString('latin1'));
}

/** Uses a code as a plugin does. @throws Error with the daemon's words when it is refused. */
export async function enterCode(port: number, code: string, name: string, origin?: string): Promise<Paired> {
  const answer = await post(port, pairPath, { code, name }, { origin });
  if (answer.status !== 201) throw new Error(`pairing was refused: ${answer.status} ${answer.body}`);
  return JSON.parse(answer.body) as Paired;
}

/** The whole pairing: the user offers a code, the plugin enters it. */
export async function pairPlugin(
  daemon: TestDaemon,
  { name = 'test plugin', scopes, origin }: { name?: string; scopes?: Scope[]; origin?: string } = {},
): Promise<Paired> {
  const user = await daemon.connect();
  const { code } = await user.call('pairing.begin', {
    ...(scopes === undefined ? {} : { scopes }),
    ...(origin === undefined ? {} : { origin }),
  });
  const paired = await enterCode(daemon.port, code, name, origin);
  user.close();
  return paired;
}

/** A ticket for one upgrade. @throws Error with the daemon's words when it is refused. */
export async function askTicket(port: number, token: string, origin?: string): Promise<string> {
  const answer = await post(port, sessionPath, {}, { token, origin });
  if (answer.status !== 201) throw new Error(`no ticket: ${answer.status} ${answer.body}`);
  return (JSON.parse(answer.body) as { ticket: string }).ticket;
}

/** A connected client with a token; `closed` resolves with the close code. */
export async function connectWith(
  port: number,
  token: string,
  options: Partial<ClientOptions> = {},
): Promise<{ client: DeltaClient; closed: Promise<number> }> {
  let onClose: (code: number) => void = () => undefined;
  const closed = new Promise<number>((resolve) => (onClose = resolve));
  const socket = await openSocket(port, token);
  const client = await DeltaClient.connect(socket, {
    name: 'plugin',
    version: '0',
    sha256: () => '',
    onClose,
    ...options,
  });
  return { client, closed };
}
