/**
 * Settings of a daemon with their defaults and reasons. What crosses the wire is bounded in shared-protocol's limits;
 * these are the daemon's own.
 */
export const daemonSettings = {
  /** Restarts of a crashed worker wait this long, doubled each time in a row; a healthy minute resets it. */
  workerRestartDelayMs: 200,
  workerRestartDelayMaximumMs: 10_000,
  workerHealthyAfterMs: 60_000,
  /** Starts in a row that may fail before jobs are refused with the reason. */
  workerStartAttempts: 3,
  /** A worker that was told to end and still runs is killed. */
  workerStopMs: 5_000,
  /** A daemon that holds the lock without a port is believed to be starting for this long. */
  startingMs: 60_000,
  /** ws pings; a peer that misses two is gone. */
  pingIntervalMs: 10_000,
  /** Sent but unread bytes of one connection above which it is closed. */
  slowConsumerBytes: 64 * 1024 * 1024,
  /** Shortest time between two progress messages of one request, unless the stage changes. */
  progressIntervalMs: 100,
  /** HTTP: whole request head, and idle keep-alive. */
  headersTimeoutMs: 10_000,
  /** TCP connections per address, upgraded or not; `connections` of the protocol's limits bounds the sockets. */
  httpConnections: 256,
  keepAliveTimeoutMs: 5_000,
  /** Finished jobs kept for `server.status` and later queries. */
  finishedJobsKept: 1000,
  /** daemon.log is set aside at start when larger. */
  logFileBytes: 8 * 1024 * 1024,
} as const;

export const daemonVersion = '0.1.0';
