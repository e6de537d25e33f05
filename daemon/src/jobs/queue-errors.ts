/** The words with which the queue ends jobs. */
import { ProtocolError } from '@deltaspace/shared-protocol';
import type { WorkerDeath } from './job.js';
import type { Ending } from './live-job.js';

export function endingError(ending: Ending): ProtocolError {
  return ending === 'superseded'
    ? new ProtocolError('superseded', 'a newer request of the same lane took the place of this one')
    : new ProtocolError('cancelled', 'the request was cancelled');
}

export function crashError({ reason, stage, signal }: WorkerDeath, workers: number): ProtocolError {
  return new ProtocolError(
    'worker_crashed',
    `the worker process stopped during stage "${stage}": ${reason}. It was the ${ordinal(workers)} worker that died of ` +
      'this job, which is therefore not tried again',
    { details: { stage, reason, signal, workers } },
  );
}

function ordinal(count: number): string {
  return ['first', 'second', 'third'][count - 1] ?? `${count}th`;
}

export function cancelledBeforeStart(): ProtocolError {
  return new ProtocolError('cancelled', 'the request was cancelled before it began');
}

export function shuttingDown(): ProtocolError {
  return new ProtocolError('shutting_down', 'the daemon is stopping');
}

export function connectionGone(): ProtocolError {
  return new ProtocolError('cancelled', 'the connection that waited for the job is gone');
}
