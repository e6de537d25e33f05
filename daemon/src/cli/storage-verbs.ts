/**
 * `gc`: what can be typed about the disk of the data folder.
 */
import type { Command } from 'commander';
import { perform, verb, type SharedFlags } from './verb.js';

export function addStorageVerbs(program: Command): void {
  verb(program, 'gc', 'delete blobs and interrupted uploads that nobody needs, and compact the job database')
    .option('--dry-run', 'only tell what would be deleted', false)
    .action((flags: SharedFlags & { dryRun: boolean }) =>
      perform(flags, async ({ dryRun }, { console, dataRoot }) => {
        const { runCollect } = await import('./commands/collect.js');
        await runCollect({ dataRoot, dryRun }, console);
      }),
    );
}
