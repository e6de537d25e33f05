/**
 * `--listen`: serving one more address than loopback. Off unless asked for, and then with TLS or with a second, explicit flag.
 *
 * One address, not a wildcard: the daemon compares the Host header with exact texts and must know its own names. The token
 * is needed outside as it is on loopback. Certificates are files that the user brings; none is made here.
 */
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';

/** As typed, in the command line or in the arguments of the daemon process. */
export interface ListenFlags {
  readonly listen?: string | undefined;
  readonly listenName?: readonly string[] | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly insecureListen?: boolean | undefined;
}

/** What was asked for, checked but not loaded. */
export interface OutsidePlan {
  /** An IP address of this machine. */
  readonly address: string;
  /** Host names by which others reach it, besides the address itself; lower case. */
  readonly names: readonly string[];
  /** PEM files, or `none` when the user insists. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | 'none';
}

/** What the listener needs. */
export interface OutsideAddress {
  readonly address: string;
  readonly names: readonly string[];
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | undefined;
}

/** The flags do not go together, or ask for what is refused. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

const hostNamePattern = /^[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*$/;
const hostNameCharacters = 253;

/** Undefined without `--listen`. @throws ListenError with what to do. */
export function planOutside(flags: ListenFlags): OutsidePlan | undefined {
  const { listen, tlsCert, tlsKey, insecureListen = false } = flags;
  if (listen === undefined) {
    if (tlsCert !== undefined || tlsKey !== undefined || insecureListen || flags.listenName !== undefined) {
      throw new ListenError('--listen-name, --tls-cert, --tls-key and --insecure-listen need --listen ADDRESS');
    }
    return undefined;
  }
  return { address: checkAddress(listen), names: checkNames(flags.listenName ?? []), tls: checkTls(flags) };
}

/** What to tell a user who turned protection off. Undefined when there is nothing to warn of. */
export function warningOf({ address, tls }: OutsidePlan): string | undefined {
  if (tls !== 'none') return undefined;
  return (
    `warning: ${address} is served without TLS: everybody on that network can read your pictures, texts and tokens, ` +
    'and use the daemon with them'
  );
}

/** Reads the files of a plan. @throws ListenError when one cannot be read. */
export async function loadOutside({ address, names, tls }: OutsidePlan): Promise<OutsideAddress> {
  if (tls === 'none') return { address, names, tls: undefined };
  const [cert, key] = await Promise.all([readPem(tls.certFile), readPem(tls.keyFile)]);
  return { address, names, tls: { cert, key } };
}

/** The same plan as arguments of the daemon process. */
export function outsideArguments({ address, names, tls }: OutsidePlan): string[] {
  const protection = tls === 'none' ? ['--insecure-listen'] : ['--tls-cert', tls.certFile, '--tls-key', tls.keyFile];
  return ['--listen', address, ...names.flatMap((name) => ['--listen-name', name]), ...protection];
}

function checkAddress(address: string): string {
  if (isIP(address) === 0) throw new ListenError(`--listen takes an IP address of this machine, not "${address}"`);
  if (/^[0:.]+$/.test(address)) {
    throw new ListenError(`--listen takes one address, not the wildcard ${address}: name the one that others reach`);
  }
  if (address === '127.0.0.1' || address === '::1') {
    throw new ListenError(`${address} is served in any case; leave --listen out`);
  }
  return address;
}

function checkNames(names: readonly string[]): string[] {
  const lower = names.map((name) => name.toLowerCase());
  const wrong = lower.find((name) => name.length > hostNameCharacters || !hostNamePattern.test(name));
  if (wrong !== undefined) throw new ListenError(`--listen-name takes a host name without port, not "${wrong}"`);
  return lower;
}

function checkTls({ tlsCert, tlsKey, insecureListen = false }: ListenFlags): OutsidePlan['tls'] {
  if (insecureListen) {
    if (tlsCert === undefined && tlsKey === undefined) return 'none';
    throw new ListenError('--insecure-listen and TLS files exclude each other');
  }
  if (tlsCert !== undefined && tlsKey !== undefined) return { certFile: tlsCert, keyFile: tlsKey };
  throw new ListenError(
    '--listen needs --tls-cert FILE and --tls-key FILE (PEM); --insecure-listen goes without, for networks you trust',
  );
}

async function readPem(file: string): Promise<Buffer> {
  return readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new ListenError(`${file} cannot be read: ${cause.code ?? cause.message}`, { cause });
  });
}
