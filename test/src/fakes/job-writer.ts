/**
 * A process that does nothing but change jobs in a store: `node job-writer.js FILE PREFIX`. It says on its channel what was
 * committed, after it was: whoever kills it knows what must be there.
 */
import { SqliteJobStore } from '@deltaspace/daemon/testing';

/** `revision` of the job is committed with this state. */
export interface Committed {
  readonly id: string;
  readonly revision: number;
  readonly state: string;
}

/** Few enough that jobs are forgotten all the time. */
export const writerLimits = { finishedKept: 20, forgottenAtOnce: 5 };

const [, , file, prefix = ''] = process.argv;
if (file !== undefined) write(file);

function write(target: string): void {
  const store = SqliteJobStore.open(target, writerLimits, Date.now());
  let count = 0;
  const tell = ({ id, revision, state }: Committed): boolean =>
    process.send?.({ id, revision, state } satisfies Committed) ?? false;
  const writeOne = (): void => {
    const queued = store.add({
      id: `${prefix}-${count++}`,
      owner: 'user',
      request: { kind: 'run', params: { pack: 'p', network: 'n'.repeat(500), inputs: {} } },
      fingerprint: 'f',
      priority: 'bulk',
      onDisconnect: 'keep',
      queuedAtMs: 1,
    });
    tell(queued);
    const running = store.update(queued, { state: 'running', attempts: 1 });
    tell(running);
    if (count % 3 !== 0) tell(store.update(running, { state: 'succeeded', result: { outputs: {}, timingsMs: {} } }));
    setImmediate(writeOne);
  };
  writeOne();
}
