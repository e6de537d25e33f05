/**
 * Training a pack: a job of hours that keeps checkpoints in the data folder and can be gone on with.
 *
 * How far it is, `job.get` and `job.changed` tell: stage, fraction, and in `metrics` the step, the loss and the speed.
 */
import * as z from 'zod';
import { protocolLimits } from '../limits.js';
import { jobIdSchema, jobOptionErrors, trainingJobOptions } from './job.js';
import { defineMethod } from './schema.js';

/** Stages of the recipe, in the order in which they run. */
export const trainingStages = [
  ...['autoencoder', 'clip', 'growth', 'refinement', 'alignment', 'codes', 'relevance'],
  ...['mapper', 'straightforward', 'wplus', 'classifier'],
] as const;

const packName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/, 'expected lower-case letters, digits, . and -, at most 63 long')
  .describe('id of the new pack, which must not be installed');

/** What a run is limited to; a resumed one may be given other limits. */
const extent = {
  stages: z
    .array(z.enum(trainingStages))
    .min(1)
    .max(trainingStages.length)
    .exactOptional()
    .describe('run only these, and install no pack; all when left out'),
  minutes: z
    .number()
    .min(0.01)
    .max(protocolLimits.trainingMinutes)
    .exactOptional()
    .describe('time for all stages together; as long as the recipe takes when left out'),
  steps: z.int().min(1).max(protocolLimits.trainingSteps).exactOptional().describe('most steps of every stage'),
} as const;

const result = z.object({
  run: jobIdSchema.describe('the job that began the run'),
  pack: z
    .object({ id: z.string(), version: z.string(), digest: z.string().describe('sha256 of its pack.json') })
    .exactOptional()
    .describe('as it is installed now; absent when only single stages ran'),
  figures: z.unknown().optional().describe('the pack’s figures, as `evaluate` gives them'),
  timingsMs: z.record(z.string(), z.number()),
});

const errors = ['pack_exists', 'training_failed', 'queue_full', 'worker_crashed', ...jobOptionErrors] as const;

export const trainingMethods = {
  'train.start': defineMethod({
    summary:
      'Trains a pack from nothing, measures it and installs it: `models.list` has it when the answer comes. Takes hours. ' +
      'A daemon that ends goes on with it when it serves the folder again, from the last checkpoint. A training that is ' +
      'cancelled saves one first. The capability is `train`.',
    params: z.strictObject({
      what: z.literal('pack'),
      recipe: z.enum(['avatars']).describe('what to train on'),
      name: packName,
      ...extent,
      ...trainingJobOptions,
    }),
    result,
    errors,
  }),
  'train.resume': defineMethod({
    summary:
      'Goes on with a training that was cancelled or failed, as a job of its own. Limits that are given take the place of ' +
      'those of the run and count from its beginning.',
    params: z.strictObject({
      of: jobIdSchema.describe('a job of `train.start` or `train.resume` that has ended without result'),
      ...extent,
      ...trainingJobOptions,
    }),
    result,
    errors: [...errors, 'job_unknown', 'training_not_resumable'],
  }),
} as const;

export type TrainStartParams = z.output<(typeof trainingMethods)['train.start']['params']>;
export type TrainResult = z.output<(typeof trainingMethods)['train.start']['result']>;
