/**
 * Settings of a daemon with their defaults and reasons. What crosses the wire is bounded in shared-protocol's limits;
 * these are the daemon's own.
 */
import { totalmem } from 'node:os';

export const daemonSettings = {
  /** Restarts of a crashed worker wait this long, doubled each time in a row; a finished job or a healthy minute resets it. */
  workerRestartDelayMs: 200,
  workerRestartDelayMaximumMs: 10_000,
  workerHealthyAfterMs: 60_000,
  /** A worker says that it lives this often, and is expected to at each tick of the watchdog. */
  workerHeartbeatMs: 1_000,
  workerTickMs: 1_000,
  /**
   * A worker that says nothing for this long, while it loads packs or runs a job, hangs and is killed. Networks run in threads
   * of their own and do not keep it from speaking; composing the largest layers does, for 20 seconds (measured, 2 cores).
   */
  workerSilenceMs: 120_000,
  /**
   * The same of the worker that evaluates and trains, whose stages compute for longer between two words, with the time that the
   * edits leave it.
   */
  backgroundSilenceMs: 15 * 60_000,
  /** How long that worker stays without a job. Starting it takes a second. */
  backgroundIdleMs: 30_000,
  /** Workers that may die of one job; the last of them fails it. */
  jobCrashes: 2,
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
  /** A client that was revoked and does not hang up by itself is cut after this. */
  revokedCutMs: 2_000,
  /** Connections that paired clients leave to the user, who may want to revoke one of them. */
  connectionsForUser: 8,
  /** HTTP: whole request head, and idle keep-alive. */
  headersTimeoutMs: 10_000,
  /** TCP connections per address, upgraded or not; `connections` of the protocol's limits bounds the sockets. */
  httpConnections: 256,
  keepAliveTimeoutMs: 5_000,
  /** Whole request with its body; and how often both times are looked at. */
  requestTimeoutMs: 10_000,
  connectionsCheckMs: 1_000,
  /** A peer that was refused while it still sent is read from and ignored this long, so that it can read the answer. */
  refusedDrainMs: 1_000,
  /** Head of a request: headers, and bytes together. */
  httpHeaders: 100,
  httpHeaderBytes: 16 * 1024,
  /** Body of a request; those of `/v1/pair` and `/v1/session` have a hundred bytes. */
  httpBodyBytes: 4 * 1024,
  /** A pairing code: its life, wrong guesses that end it, and codes open at a time. */
  pairingMs: 120_000,
  pairingTries: 5,
  pairingCodes: 4,
  /** Uses of pairing codes by all callers together. A code has 2^40 values; 10 guesses a minute need 200 000 years. */
  pairingAttempts: { attempts: 10, perMinute: 10 },
  /** Wrong tokens and tickets of all callers together, after which they are told to wait. */
  failedLogins: { attempts: 30, perMinute: 60 },
  /** Lines in the log about refused requests. */
  refusalsLogged: { attempts: 100, perMinute: 60 },
  pairedClients: 64,
  /** A ticket for one upgrade: its life, and open ones of one holder. */
  ticketMs: 30_000,
  ticketsPerClient: 8,
  /** Ended jobs that `job.get` and `job.list` remember; those above that are forgotten so many at once. */
  finishedJobsKept: 1000,
  jobsForgottenAtOnce: 100,
  /** Results of the newest ended jobs whose blobs stay, as long as they are a small part of the blob store together. */
  recentResults: { jobs: 64, bytes: 512 * 1024 * 1024 },
  /** How long an interrupted upload waits for its client to go on with it. */
  partialUploadMs: 24 * 60 * 60_000,
  /** Bytes of the disk that blobs leave free, for the system and for the job database. */
  freeFloorBytes: 256 * 1024 * 1024,
  /**
   * How long the networks of a pack stay in memory after its last job. Loading those of the shipped pack takes half a
   * second (measured, 2 cores).
   */
  modelKeepAliveMs: 10 * 60_000,
  /** Bytes of the folder of inversions and text features: some six hundred layers at 64 px. */
  cacheBytes: 128 * 1024 * 1024,
  /** Bytes of the networks of all packs together, in every thread that has them; those used least recently go first. */
  modelMemoryBytes: Math.min(8 * 1024 ** 3, Math.floor(totalmem() / 2)),
  /** How long the networks of a training that nobody goes on with are kept from `gc`. */
  trainingKeptMs: 30 * 24 * 60 * 60_000,
  /** Unread bytes of a connection above which it is not told how its jobs advance, only how they end. */
  unreadProgressBytes: 256 * 1024,
  /** Less room on the disk than this, and the daemon is not ready. */
  diskFloorBytes: 200_000_000,
  /** daemon.log is set aside at start when larger. */
  logFileBytes: 8 * 1024 * 1024,
} as const;

export const daemonVersion = '0.1.0';
