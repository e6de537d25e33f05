/**
 * `pair` and `clients`: what can be typed about who else may use the daemon.
 */
import { InvalidArgumentError, type Command } from 'commander';
import { defaultScopes, originSchema, scopes, scopesSchema, type Scope } from '@deltaspace/shared-protocol';
import { perform, verb, type SharedFlags } from './verb.js';

export function addAccessVerbs(program: Command): void {
  verb(program, 'pair', 'show a code that lets one plugin use the daemon, and wait until it was entered')
    .option('--scopes <names>', `what the plugin may do, of ${scopes.join(',')}`, scopesOf, [...defaultScopes])
    .option('--origin <origin>', 'also let this web origin in, as https://example.com', originOf)
    .action((flags: SharedFlags & { scopes: Scope[]; origin?: string }) =>
      perform(flags, async (given, { console, dataRoot, signal }) => {
        const { runPair } = await import('./commands/access.js');
        await runPair({ ...given, dataRoot }, console, signal);
      }),
    );

  const clients = program.command('clients').description('plugins that were paired');

  verb(clients, 'list', 'list the paired plugins (also without the word list)', { isDefault: true }).action(
    (flags: SharedFlags) =>
      perform(flags, async (_flags, { console, dataRoot }) => {
        const { runClientsList } = await import('./commands/access.js');
        await runClientsList(dataRoot, console);
      }),
  );

  verb(clients, 'revoke', 'take the access of a plugin back; its connections close at once')
    .argument('<id>', 'as clients list shows it')
    .action((id: string, flags: SharedFlags) =>
      perform(flags, async (_flags, { console, dataRoot }) => {
        const { runClientsRevoke } = await import('./commands/access.js');
        await runClientsRevoke(id, dataRoot, console);
      }),
    );
}

function scopesOf(text: string): Scope[] {
  const parsed = scopesSchema.safeParse(text.split(',').map((name) => name.trim()));
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`expected some of ${scopes.join(',')}, each once`);
}

function originOf(text: string): string {
  if (originSchema.safeParse(text).success) return text;
  throw new InvalidArgumentError('expected an origin such as https://example.com, in lower case');
}
