/**
 * Requests that evaluate, analyse, check and train, as literal JSON: what every implementation of the protocol writes, and what
 * a daemon refuses.
 */
import type { RefusedRequest, SoundRequest } from './request-vectors.js';

const digest = `sha256:${'ab'.repeat(32)}`;

export const soundBackgroundRequests: SoundRequest[] = [
  {
    name: 'an evaluation with every limit',
    text: '{"jsonrpc":"2.0","id":20,"method":"evaluate","params":{"pack":"avatars","methods":["deltaedit","wplus"],"avatars":8,"split":"validation","seed":7,"sheet":true,"priority":"bulk"}}',
    method: 'evaluate',
    params: {
      pack: 'avatars',
      methods: ['deltaedit', 'wplus'],
      avatars: 8,
      split: 'validation',
      seed: 7,
      sheet: true,
      priority: 'bulk',
    },
    filled: {},
  },
  {
    name: 'an evaluation as it is usual',
    text: '{"jsonrpc":"2.0","id":25,"method":"evaluate","params":{}}',
    method: 'evaluate',
    params: {},
    filled: { sheet: false },
  },
  {
    name: 'an analysis of feature files',
    text: `{"jsonrpc":"2.0","id":21,"method":"analyze","params":{"imageFeatures":"${digest}","textFeatures":"${digest}","projection":"pca"}}`,
    method: 'analyze',
    params: { imageFeatures: digest, textFeatures: digest, projection: 'pca' },
    filled: {},
  },
  {
    name: 'a check of one pack',
    text: '{"jsonrpc":"2.0","id":22,"method":"models.verify","params":{"pack":"avatars"}}',
    method: 'models.verify',
    params: { pack: 'avatars' },
    filled: {},
  },
  {
    name: 'a training of single stages',
    text: '{"jsonrpc":"2.0","id":23,"method":"train.start","params":{"what":"pack","recipe":"avatars","name":"mine","stages":["autoencoder","clip"],"steps":100,"jobId":"training-1"}}',
    method: 'train.start',
    params: {
      what: 'pack',
      recipe: 'avatars',
      name: 'mine',
      stages: ['autoencoder', 'clip'],
      steps: 100,
      jobId: 'training-1',
    },
    filled: {},
  },
  {
    name: 'a training that is gone on with, for longer',
    text: '{"jsonrpc":"2.0","id":24,"method":"train.resume","params":{"of":"training-1","minutes":90.5}}',
    method: 'train.resume',
    params: { of: 'training-1', minutes: 90.5 },
    filled: {},
  },
];

const request = (method: string, params: object): string => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });

const training = { what: 'pack', recipe: 'avatars', name: 'mine' };

export const refusedBackgroundRequests: RefusedRequest[] = [
  {
    name: 'an evaluation of no avatars',
    text: request('evaluate', { avatars: 0 }),
    complaint: 'avatars: expected at least 1, got 0',
  },
  {
    name: 'an evaluation of more avatars than there is time for',
    text: request('evaluate', { avatars: 1001 }),
    complaint: 'avatars: expected at most 1000, got 1001',
  },
  {
    name: 'an evaluation of a pack that is a path',
    text: request('evaluate', { pack: '../packs/avatars' }),
    complaint: 'pack: expected',
  },
  {
    name: 'an analysis of nothing',
    text: request('analyze', { seed: 3 }),
    complaint: 'expected imageFeatures and textFeatures, or pack',
  },
  {
    name: 'an analysis of files and a pack',
    text: request('analyze', { pack: 'avatars', imageFeatures: digest, textFeatures: digest }),
    complaint: 'expected a pack or feature files, got both',
  },
  {
    name: 'an analysis with one kind of differences',
    text: request('analyze', { imageFeatures: digest, textFeatures: digest, deltaTextFeatures: digest }),
    complaint: 'expected both deltaImageFeatures and deltaTextFeatures, or none',
  },
  {
    name: 'an analysis of files with avatars',
    text: request('analyze', { imageFeatures: digest, textFeatures: digest, avatars: 512 }),
    complaint: 'split and avatars need a pack',
  },
  {
    name: 'a check of a folder elsewhere',
    text: request('models.verify', { pack: '/etc' }),
    complaint: 'pack: expected',
  },
  {
    name: 'a training under a name that is a path',
    text: request('train.start', { ...training, name: '../mine' }),
    complaint: 'name: expected lower-case letters, digits, . and -',
  },
  {
    name: 'a training of a stage that there is not',
    text: request('train.start', { ...training, stages: ['miracle'] }),
    complaint: 'stages.0: expected',
  },
  {
    name: 'a training without end',
    text: request('train.start', { ...training, minutes: 1e9 }),
    complaint: 'minutes: expected at most 10080',
  },
  {
    name: 'a training that reads a folder',
    text: request('train.start', { ...training, directory: '/tmp' }),
    complaint: 'directory',
  },
  {
    name: 'a training of no job',
    text: request('train.resume', { of: '../jobs' }),
    complaint: 'of: expected a job id',
  },
];
