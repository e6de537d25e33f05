/**
 * HTTP as bytes: for requests that no client library would send.
 */
import { connect } from 'node:net';

export type Header = readonly [name: string, value: string];

export interface RawAnswer {
  /** 0 when the daemon said nothing before it hung up. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** The code of a refusal. */
  readonly error: string | undefined;
}

/** A request head. Header values go out as they are. */
export function head(requestLine: string, headers: readonly Header[]): string {
  return `${[requestLine, ...headers.map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n`;
}

/** The headers of an upgrade but for Host, Origin and credentials. */
export const upgradeHeaders: readonly Header[] = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'MDEyMzQ1Njc4OWFiY2RlZg=='],
];

/** Sends bytes and reads one answer: until the daemon hangs up, grants an upgrade, or the body is whole. */
export function exchange(port: number, bytes: string, host = '127.0.0.1'): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket = connect(port, host, () => socket.write(bytes, 'latin1'));
    const finish = (): void => {
      socket.destroy();
      resolve(parse(heard));
    };
    socket.setEncoding('latin1').on('data', (text: string) => {
      heard += text;
      if (isWhole(heard)) finish();
    });
    socket.on('end', finish);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') finish();
      else reject(error);
    });
  });
}

function isWhole(heard: string): boolean {
  const end = heard.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const { status, headers, body } = parse(heard);
  return status === 101 || body.length >= Number(headers.get('content-length') ?? Infinity);
}

function parse(heard: string): RawAnswer {
  const [top = '', ...rest] = heard.split('\r\n\r\n');
  const [statusLine = '', ...lines] = top.split('\r\n');
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const body = rest.join('\r\n\r\n');
  return { status: Number(statusLine.split(' ')[1] ?? 0), headers, body, error: errorOf(body) };
}

function errorOf(body: string): string | undefined {
  if (!body.startsWith('{"error"')) return undefined;
  return (JSON.parse(body) as { error: string }).error;
}
