/**
 * What makes a composed daemon a process: signals, the message to whoever started it, the exit code.
 */
import type { RunningDaemon } from './daemon.js';

/** Sent once over the channel to the process that started the daemon. */
export type DaemonProcessMessage =
  { readonly kind: 'listening'; readonly port: number } | { readonly kind: 'failed'; readonly message: string };

/** Runs a daemon until it stops by itself, by a signal, or by a client. Returns the exit code. */
export async function serveAsProcess(starting: Promise<RunningDaemon>): Promise<number> {
  let daemon: RunningDaemon;
  try {
    daemon = await starting;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    report({ kind: 'failed', message });
    process.stderr.write(`${message}\n`);
    if (process.connected) process.disconnect();
    return 1;
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    let asked = false;
    process.on(signal, () => {
      if (asked) process.exit(1); // The second one means now.
      asked = true;
      void daemon.stop(signal);
    });
  }
  process.on('disconnect', () => daemon.ownerLeft());
  report({ kind: 'listening', port: daemon.port });
  await daemon.stopped;
  if (process.connected) process.disconnect();
  return 0;
}

function report(message: DaemonProcessMessage): void {
  if (process.connected) process.send?.(message);
}
