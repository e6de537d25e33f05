/**
 * A daemon and its worker, killed again and again while a client keeps jobs in flight; and what must be true of it all.
 *
 * All chance is seeded. The client behaves as one should: it sends a request again, under the same id, when its connection
 * was lost.
 */
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseSync } from '@photostructure/sqlite';
import { ProtocolError, type DeltaClient, type EditResult } from '@deltaspace/shared-protocol';
import { Chance } from '../fakes/chance.js';
import { compiled, startScriptedDaemon, type TestDaemon } from '../fakes/daemon-process.js';
import { expectedDigest, tinyEditParams, tinyPixels } from '../fakes/tiny-edits.js';

const workerTimes = { workerRestartDelayMs: 1, workerSilenceMs: 120_000, workerTickMs: 1000 };
const jobsInFlight = 5;
const pictures = 7;
const longestJobMs = 40;
/** Jobs that may succeed between two kills, and the longest time after the last of them. */
const mostSuccesses = 3;
const longestWaitMs = 40;
const daemonShare = 0.15;

interface SentJob {
  readonly id: string;
  readonly target: string;
  readonly picture: number;
  /** The daemon said that it has the job: from now on it must never be lost. */
  accepted: boolean;
  outcome?: 'succeeded' | 'worker_crashed';
  /** Runs of the job when its success was known. */
  runsAtSuccess?: number;
}

export interface OrdealReport {
  readonly daemonKills: number;
  readonly workerKills: number;
  readonly jobs: readonly SentJob[];
  /** What must not be; empty when all is well. */
  readonly violations: readonly string[];
}

export class Ordeal {
  readonly #folder: string;
  readonly #chance: Chance;
  readonly #jobs: SentJob[] = [];
  readonly #violations: string[] = [];
  readonly #waiting = new Set<Promise<void>>();
  #daemon: TestDaemon | undefined;
  #client: DeltaClient | undefined;
  #daemonKills = 0;
  #workerKills = 0;
  #killedWhileLoading = false;
  /** The worker killed last: the daemon may not have noticed yet. */
  #killedPid: number | undefined;

  constructor(folder: string, seed: number) {
    this.#folder = folder;
    this.#chance = new Chance(seed);
  }

  /** Kills so many processes, then lets all jobs end, and looks at what is there. */
  async run(kills: number): Promise<OrdealReport> {
    await this.#start();
    while (this.#daemonKills + this.#workerKills < kills) {
      this.#fill();
      await this.#letSomeSucceed();
      if (this.#chance.next() < daemonShare) await this.#killDaemon();
      else await this.#killWorker();
    }
    while (this.#waiting.size > 0) await Promise.all(this.#waiting);
    await this.#checkJobs();
    await this.dispose();
    this.#checkDatabase();
    this.#checkBlobs();
    return {
      daemonKills: this.#daemonKills,
      workerKills: this.#workerKills,
      jobs: this.#jobs,
      violations: this.#violations,
    };
  }

  async dispose(): Promise<void> {
    this.#client?.close();
    const process = this.#daemon?.process;
    if (process === undefined || process.exitCode !== null || process.signalCode !== null) return;
    const gone = new Promise((resolve) => process.once('exit', resolve));
    process.kill('SIGTERM');
    await gone;
  }

  async #start(): Promise<void> {
    this.#daemon = await startScriptedDaemon(this.#folder, { workerTimes });
    this.#client = await this.#daemon.connect({
      onJobChanged: ({ jobId }) => {
        const job = this.#jobs.find(({ id }) => id === jobId);
        if (job !== undefined) job.accepted = true;
      },
    });
    await this.#client.call('job.subscribe', {});
    for (let picture = 0; picture < pictures; picture++) await this.#client.upload(tinyPixels(picture));
    this.#killedWhileLoading = false;
    for (const job of this.#jobs) if (job.outcome === undefined) this.#send(job);
  }

  #fill(): void {
    for (let open = this.#jobs.filter(({ outcome }) => outcome === undefined).length; open < jobsInFlight; open++) {
      const number = this.#jobs.length;
      const target = `slow ${this.#chance.below(longestJobMs)} ${number}`;
      const job: SentJob = { id: `job-${number}`, target, picture: number % pictures, accepted: false };
      this.#jobs.push(job);
      this.#send(job);
    }
  }

  #send(job: SentJob): void {
    const waiting = this.#request(job, this.#client as DeltaClient).catch((error: unknown) => {
      this.#violations.push(`${job.id}: ${String(error)}`);
      job.outcome = 'worker_crashed';
    });
    this.#waiting.add(waiting);
    void waiting.then(() => this.#waiting.delete(waiting));
  }

  /** Sends the request of a job, or sends it again; a lost connection leaves the job open. */
  async #request(job: SentJob, client: DeltaClient): Promise<void> {
    try {
      if (job.accepted) await client.call('job.get', { jobId: job.id }); // Fails with job_unknown if it was lost.
      const params = tinyEditParams(job.target, { jobId: job.id, onDisconnect: 'keep' }, job.picture);
      this.#succeeded(job, await client.call('edit', params));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      if (error.code === 'connection_lost') return;
      if (error.code !== 'worker_crashed' || error.details?.['workers'] !== 2) throw error;
      job.outcome = 'worker_crashed';
    }
  }

  #succeeded(job: SentJob, { outputs }: EditResult): void {
    job.outcome = 'succeeded';
    job.runsAtSuccess = this.#runsOf(job);
    const digest = outputs[0]?.image.digest;
    if (digest !== expectedDigest(job.picture)) this.#violations.push(`${job.id}: another result than undisturbed`);
  }

  #runsOf({ target }: SentJob): number {
    const runs = readFileSync(path.join(this.#folder, 'runs'), 'utf8').split('\n');
    return runs.filter((line) => line === target).length;
  }

  /** Waits for a random number of successes, and a random time after them: where the next kill hits. */
  async #letSomeSucceed(): Promise<void> {
    const succeeded = (): number => this.#jobs.filter(({ outcome }) => outcome === 'succeeded').length;
    const enough = succeeded() + this.#chance.below(mostSuccesses + 1);
    while (succeeded() < enough && this.#waiting.size > 0) await delay(2);
    await delay(this.#chance.below(longestWaitMs));
  }

  /** Kills the worker at work, sometimes while it loads; never so often in a row that the daemon gives up on it. */
  async #killWorker(): Promise<void> {
    const client = this.#client as DeltaClient;
    const whileLoading = !this.#killedWhileLoading && this.#chance.next() < 0.15;
    for (;;) {
      const { worker } = await client.call('server.status', {});
      const { pid } = worker;
      if (pid !== null && pid !== this.#killedPid && (worker.state === 'ready' || whileLoading)) {
        this.#killedPid = pid;
        process.kill(pid, 'SIGKILL');
        this.#killedWhileLoading = worker.state !== 'ready';
        this.#workerKills++;
        return;
      }
      await delay(5);
    }
  }

  /** Kills the daemon, sometimes its heir as well while that one starts, and starts it again. */
  async #killDaemon(): Promise<void> {
    const { process } = this.#daemon as TestDaemon;
    const gone = new Promise((resolve) => process.once('exit', resolve));
    process.kill('SIGKILL');
    await gone;
    this.#daemonKills++;
    while (this.#waiting.size > 0) await Promise.all(this.#waiting);
    if (this.#chance.next() < 0.3) await this.#killStartingDaemon();
    await this.#start();
  }

  async #killStartingDaemon(): Promise<void> {
    const heir = fork(compiled('fakes/scripted-daemon.js'), [this.#folder], { execArgv: [], stdio: 'ignore' as never });
    const gone = new Promise((resolve) => heir.once('exit', resolve));
    await delay(this.#chance.below(1000));
    heir.kill('SIGKILL');
    await gone;
    this.#daemonKills++;
  }

  /** Every accepted job has ended, and was not run again once it had succeeded. */
  async #checkJobs(): Promise<void> {
    const client = this.#client as DeltaClient;
    for (const job of this.#jobs) {
      const { state, crashes } = await client.call('job.get', { jobId: job.id });
      if (state !== (job.outcome === 'succeeded' ? 'succeeded' : 'failed')) {
        this.#violations.push(`${job.id}: is ${state}, was ${job.outcome ?? 'never answered'}`);
      }
      if (state === 'failed' && crashes !== 2) this.#violations.push(`${job.id}: failed after ${crashes} workers`);
      if (job.runsAtSuccess !== undefined && this.#runsOf(job) !== job.runsAtSuccess) {
        this.#violations.push(`${job.id}: computed again after it had succeeded`);
      }
    }
    const { jobs } = await client.call('server.status', {});
    for (const name of jobs.damagedStores) this.#violations.push(`a database was damaged: ${name}`);
  }

  #checkDatabase(): void {
    this.#violations.push(...integrityProblems(path.join(this.#folder, 'jobs.db')));
  }

  /** A blob is what its name says. */
  #checkBlobs(): void {
    const blobs = path.join(this.#folder, 'blobs');
    for (const name of readdirSync(blobs).filter((file) => file.startsWith('sha256-'))) {
      const digest = createHash('sha256')
        .update(readFileSync(path.join(blobs, name)))
        .digest('hex');
      if (name !== `sha256-${digest}`) this.#violations.push(`a blob is corrupt: ${name}`);
    }
  }
}

/** What SQLite's own check complains of. */
export function integrityProblems(file: string): string[] {
  const database = new DatabaseSync(file);
  const rows = database.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[];
  database.close();
  return rows.map(({ integrity_check: verdict }) => verdict).filter((verdict) => verdict !== 'ok');
}
