/**
 * Jobs as records: what every edit, interpolation, mix, inversion and network run becomes, every evaluation, analysis, check
 * and training, and how to ask for it later.
 *
 * There is one form of request. It is answered with the result, and its job can be asked for by id at the same time, from
 * another connection, or after a restart. The rules of order, cancellation and disconnects are in docs/protocol.md.
 */
import * as z from 'zod';
import { protocolLimits } from '../limits.js';
import { defineMethod, defineNotification } from './schema.js';

/** Ids that clients choose, a UUID for instance: the idempotency key of a request. */
export const jobIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected a job id of letters, digits, _ and -, at most 64 long')
  .describe('letters, digits, `_` and `-`, at most 64 long');

export const jobStateSchema = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled', 'superseded']);
export type JobState = z.output<typeof jobStateSchema>;

/** In the order in which the daemon takes them. */
export const jobPriorities = ['interactive', 'bulk', 'train'] as const;
export const jobPrioritySchema = z.enum(jobPriorities);
export type JobPriority = z.output<typeof jobPrioritySchema>;

export const disconnectPolicySchema = z.enum(['cancel', 'keep']);
export type DisconnectPolicy = z.output<typeof disconnectPolicySchema>;

/** Members that every request has which becomes a job. */
export const jobOptions = {
  jobId: jobIdSchema
    .exactOptional()
    .describe('idempotency key: the same id with the same request is the same job; made by the daemon when left out'),
  lane: z
    .string()
    .min(1)
    .max(protocolLimits.laneCharacters)
    .exactOptional()
    .describe('a newer request of the same lane and connection supersedes this one: for sliders'),
  priority: jobPrioritySchema.exactOptional().describe('`"interactive"` when left out'),
  onDisconnect: disconnectPolicySchema
    .exactOptional()
    .describe('what becomes of the job when nobody waits for it any more; `"cancel"` when left out'),
} as const;

/** The same of requests that take minutes: they run beside those that a person waits for, one at a time. */
export const backgroundJobOptions = {
  ...jobOptions,
  priority: jobPrioritySchema.exactOptional().describe('among those of the background; `"bulk"` when left out'),
} as const;

/** The same of requests that take hours. */
export const trainingJobOptions = {
  ...jobOptions,
  priority: jobPrioritySchema.exactOptional().describe('among those of the background; `"train"` when left out'),
  onDisconnect: disconnectPolicySchema
    .exactOptional()
    .describe('what becomes of the job when nobody waits for it any more; `"keep"` when left out'),
} as const;

export const jobOptionsSchema = z.strictObject(jobOptions);
export type JobOptions = z.output<typeof jobOptionsSchema>;

/** Codes that any request can be answered with which becomes a job, besides those of its own. */
export const jobOptionErrors = ['superseded', 'job_conflict'] as const;

/** What a long job measures as it goes, by name: `step`, `loss`, `imagesPerSecond`. */
export const jobMetricsSchema = z.record(z.string(), z.number());
export type JobMetrics = z.output<typeof jobMetricsSchema>;

export const jobProgressSchema = z.object({
  stage: z.string().max(64).describe('`queued`, `loading`, `restarting`, `decode`, the stages of the method, `encode`'),
  fraction: z.number().min(0).max(1).describe('of the whole job'),
  queuePosition: z.int().min(1).exactOptional().describe('while it waits: 1 is the next to run'),
  etaMs: z
    .number()
    .min(0)
    .exactOptional()
    .describe('estimated milliseconds to the end, when jobs of its kind are known'),
  metrics: jobMetricsSchema.exactOptional().describe('the newest figures of a training'),
});
export type JobProgress = z.output<typeof jobProgressSchema>;

const details = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** Methods whose requests become jobs. */
export const jobMethodNames = [
  ...['edit', 'interpolate', 'mix', 'invert', 'subjects', 'models.run'],
  ...['evaluate', 'analyze', 'models.verify', 'train.start', 'train.resume'],
] as const;

export const jobSummarySchema = z.object({
  jobId: jobIdSchema,
  method: z.enum(jobMethodNames),
  state: jobStateSchema.describe('the last four are final'),
  revision: z.int().min(0).describe('of the change that led to this state; grows with every change of any job'),
  priority: jobPrioritySchema,
  onDisconnect: disconnectPolicySchema,
  lane: z.string().exactOptional(),
  queuedAtMs: z.number().describe('milliseconds since 1970, as the other times'),
  startedAtMs: z.number().exactOptional(),
  finishedAtMs: z.number().exactOptional(),
  attempts: z.int().min(0).describe('how often it was given to a worker'),
  crashes: z.int().min(0).describe('workers that died of it; the second one fails the job'),
  lastCrash: z
    .object({ reason: z.string(), stage: z.string(), signal: z.string().nullable() })
    .exactOptional()
    .describe('how the last of them died'),
  progress: jobProgressSchema.exactOptional().describe('while it is queued or running'),
  error: z
    .object({ code: z.string(), message: z.string(), retryable: z.boolean(), details: details.exactOptional() })
    .exactOptional()
    .describe('why it has no result'),
});
export type JobSummary = z.output<typeof jobSummarySchema>;

const jobReference = z.strictObject({ jobId: jobIdSchema });

export const jobMethods = {
  'job.get': defineMethod({
    summary:
      'Tells everything about one job, its result included. An unknown id is an error, and so is that of another client’s job.',
    params: jobReference,
    result: jobSummarySchema.extend({
      result: z.unknown().optional().describe('of a job that succeeded: what its request is answered with'),
    }),
    errors: ['job_unknown'],
  }),
  'job.list': defineMethod({
    summary:
      'Lists jobs, the one that changed last first: those of this client, or all for the user and the scope `admin`.',
    params: z.strictObject({
      states: z
        .array(jobStateSchema)
        .min(1)
        .max(jobStateSchema.options.length)
        .exactOptional()
        .describe('all when left out'),
      beforeRevision: z
        .int()
        .min(0)
        .exactOptional()
        .describe('for the next page: the revision of the last job of this one'),
      limit: z.int().min(1).max(protocolLimits.jobsPerList).default(protocolLimits.jobsPerList),
    }),
    result: z.object({
      revision: z.int().min(0).describe('the newest there is'),
      jobs: z.array(jobSummarySchema),
    }),
    errors: [],
  }),
  'job.cancel': defineMethod({
    summary:
      'Cancels a job, whoever waits for it. Answered with the job as it is then: a running one ends before its next stage, ' +
      'one that has ended stays as it is.',
    params: jobReference,
    result: jobSummarySchema,
    errors: ['job_unknown'],
  }),
  'job.subscribe': defineMethod({
    summary:
      'Has `job.changed` sent to this connection from now on. With `sinceRevision`, the jobs that changed after it are told ' +
      'before the answer: what was missed. A second call takes the place of the first.',
    params: z.strictObject({
      sinceRevision: z.int().min(0).exactOptional().describe('the newest revision that the client knows'),
      jobIds: z
        .array(jobIdSchema)
        .max(protocolLimits.jobsPerList)
        .exactOptional()
        .describe('only these; all when left out, and `[]` ends the subscription'),
    }),
    result: z.object({
      revision: z.int().min(0).describe('the newest there is: `sinceRevision` of the next time'),
      complete: z
        .boolean()
        .describe(
          'false when jobs that changed after `sinceRevision` may have been forgotten: ask for those that matter',
        ),
    }),
    errors: [],
  }),
} as const;

export const jobNotifications = {
  'job.changed': defineNotification({
    summary:
      'A job that this connection subscribed to changed its state, or advanced: then `revision` is the one it had. ' +
      'Without its result, which `job.get` has.',
    from: 'daemon',
    params: jobSummarySchema,
  }),
} as const;
