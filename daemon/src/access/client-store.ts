/**
 * The paired clients of a data folder: DATA/clients.json, mode 0600, replaced whole with every change.
 *
 * Tokens are not in it, only their sha256: who reads the file can see who is paired, not act as one of them. The file is
 * small and bounded, so it is kept in memory and searched from end to end, always, which makes the time tell nothing.
 */
import { timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { pairedClientSchema, ProtocolError, scopesSchema, type PairedClient } from '@deltaspace/shared-protocol';
import * as z from 'zod';
import { daemonSettings } from '../config/settings.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import type { Identity } from './identity.js';
import { fingerprint } from './secrets.js';

const storedClientSchema = pairedClientSchema.extend({
  scopes: scopesSchema,
  tokenSha256: z.string().regex(/^[0-9a-f]{64}$/),
});
type StoredClient = z.output<typeof storedClientSchema>;

const fileSchema = z.strictObject({
  version: z.literal(1),
  clients: z.array(storedClientSchema).max(daemonSettings.pairedClients),
});

export class ClientStore {
  readonly #file: string;
  #clients: readonly StoredClient[];
  /** The end of the last write: writes go one after the other. */
  #written: Promise<void> = Promise.resolve();

  private constructor(file: string, clients: readonly StoredClient[]) {
    this.#file = file;
    this.#clients = clients;
  }

  /** @throws Error when the file holds something else; nobody is let in on a guess. */
  static async open(file: string): Promise<ClientStore> {
    return new ClientStore(file, await readClients(file));
  }

  /** Oldest first. */
  list(): PairedClient[] {
    return this.#clients.map(withoutSecret);
  }

  get size(): number {
    return this.#clients.length;
  }

  /** The client that holds a token. Looks at all of them, whichever it is. */
  findByToken(token: string): Identity | undefined {
    const given = Buffer.from(fingerprint(token), 'hex');
    let found: StoredClient | undefined;
    for (const client of this.#clients) {
      if (timingSafeEqual(given, Buffer.from(client.tokenSha256, 'hex'))) found = client;
    }
    return found && { kind: 'client', id: found.id, scopes: found.scopes, origin: found.origin };
  }

  /** Whether some client may come from that web origin. */
  hasOrigin(origin: string): boolean {
    return this.#clients.some((client) => client.origin === origin);
  }

  /**
   * Keeps a new client. It counts as paired once the file holds it.
   * @throws ProtocolError `too_many_clients`.
   */
  async add(client: Omit<StoredClient, 'tokenSha256'>, token: string): Promise<PairedClient> {
    if (this.#clients.length >= daemonSettings.pairedClients) throw tooManyClients();
    const stored: StoredClient = { ...client, tokenSha256: fingerprint(token) };
    this.#clients = [...this.#clients, stored];
    try {
      await this.#write();
    } catch (error) {
      this.#clients = this.#clients.filter((one) => one !== stored);
      throw error;
    }
    return withoutSecret(stored);
  }

  /**
   * Forgets a client, at once in memory, then on disk.
   * @throws ProtocolError `client_unknown`.
   */
  async remove(id: string, removed: () => void): Promise<PairedClient> {
    const client = this.#clients.find((one) => one.id === id);
    if (client === undefined) {
      throw new ProtocolError('client_unknown', `no client ${id} is paired; clients.list shows all of them`);
    }
    this.#clients = this.#clients.filter((one) => one !== client);
    removed();
    await this.#write();
    return withoutSecret(client);
  }

  #write(): Promise<void> {
    const write = (): Promise<void> =>
      writeFileAtomically(this.#file, `${JSON.stringify({ version: 1, clients: this.#clients }, null, 2)}\n`, {
        mode: 0o600,
      });
    const written = this.#written.then(write);
    this.#written = written.catch(() => undefined); // The next write brings the whole state anyway.
    return written;
  }
}

export function tooManyClients(): ProtocolError {
  return new ProtocolError(
    'too_many_clients',
    `at most ${daemonSettings.pairedClients} clients may be paired; revoke one with "deltaspace clients revoke ID"`,
  );
}

async function readClients(file: string): Promise<StoredClient[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  try {
    return fileSchema.parse(JSON.parse(text)).clients;
  } catch (cause) {
    const remedy = 'delete it, start the daemon again and pair the plugins anew';
    throw new Error(`${file} does not hold the list of paired clients; ${remedy}`, { cause });
  }
}

function withoutSecret({ id, name, scopes, origin, createdAt }: StoredClient): PairedClient {
  return { id, name, scopes, ...(origin === undefined ? {} : { origin }), createdAt };
}
