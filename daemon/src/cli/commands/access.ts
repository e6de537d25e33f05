/**
 * `deltaspace pair`, `clients list` and `clients revoke`: who else may use the daemon.
 */
import type { PairedClient, Scope } from '@deltaspace/shared-protocol';
import type { Console } from '../console.js';
import { withDaemon } from '../daemon-connection.js';

export interface PairCommand {
  readonly dataRoot: string;
  readonly scopes: readonly Scope[];
  readonly origin?: string;
}

/** Shows a code and waits for a plugin to use it. Ctrl-C takes the code back. */
export async function runPair(command: PairCommand, console: Console, signal: AbortSignal): Promise<void> {
  const { scopes, origin } = command;
  const client = await withDaemon(
    command.dataRoot,
    async (daemon) => {
      const params = { scopes: [...scopes], ...(origin === undefined ? {} : { origin }) };
      const { pairingId, code, expiresInMs } = await daemon.call('pairing.begin', params);
      const until = new Date(Date.now() + expiresInMs).toLocaleTimeString();
      console.note(`pairing code: ${code}`);
      console.note(`Enter it in the plugin until ${until}. It works once and grants: ${scopes.join(', ')}.`);
      const { client } = await daemon.call('pairing.wait', { pairingId }, { signal });
      return client;
    },
    signal,
  );
  console.result({ client }, [`paired: ${describeClient(client)}`]);
}

export async function runClientsList(dataRoot: string, console: Console): Promise<void> {
  const { clients } = await withDaemon(dataRoot, (daemon) => daemon.call('clients.list', {}));
  const lines = clients.map((client) => `${describeClient(client)}, ${client.connections} connections`);
  console.result({ clients }, lines.length === 0 ? ['no plugin is paired; "deltaspace pair" shows a code'] : lines);
}

export async function runClientsRevoke(id: string, dataRoot: string, console: Console): Promise<void> {
  const { client } = await withDaemon(dataRoot, (daemon) => daemon.call('clients.revoke', { id }));
  console.result({ client }, [`revoked: ${describeClient(client)}`]);
}

function describeClient({ id, name, scopes, origin, createdAt }: PairedClient): string {
  const from = origin === undefined ? '' : `, from ${origin}`;
  return `${id} "${name}": ${scopes.join(', ')}${from}, paired ${createdAt}`;
}
