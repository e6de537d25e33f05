/**
 * Requests on images as literal JSON: what every implementation of the protocol writes, and what a daemon answers to those
 * that it must refuse.
 */
const digest = `sha256:${'ab'.repeat(32)}`;
const file = `{"encoding":"file","digest":"${digest}"}`;
const raw = `{"encoding":"rgba8","digest":"${digest}","width":4,"height":2}`;

const image = { encoding: 'file', digest };
const pixels = { encoding: 'rgba8', digest, width: 4, height: 2 };

/** A sound request, its params as they were written, and as a receiver reads them where that is more. */
export interface SoundRequest {
  readonly name: string;
  readonly text: string;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly filled: Readonly<Record<string, unknown>>;
}

export const soundRequests: SoundRequest[] = [
  {
    name: 'an edit by text',
    text: `{"jsonrpc":"2.0","id":1,"method":"edit","params":{"image":${file},"targets":["face with hat"]}}`,
    method: 'edit',
    params: { image, targets: ['face with hat'] },
    filled: { encoding: 'png' },
  },
  {
    name: 'an edit with every slider',
    text:
      `{"jsonrpc":"2.0","id":2,"method":"edit","params":{"pack":"avatars","image":${raw},"targets":["a","b"],` +
      '"source":{"mode":"auto"},"strength":-1.5,"topChannels":8,"method":"deltaedit","heatmap":true,' +
      '"reconstruction":true,"encoding":"rgba8"}}',
    method: 'edit',
    params: {
      pack: 'avatars',
      image: pixels,
      targets: ['a', 'b'],
      source: { mode: 'auto' },
      strength: -1.5,
      topChannels: 8,
      method: 'deltaedit',
      heatmap: true,
      reconstruction: true,
      encoding: 'rgba8',
    },
    filled: {},
  },
  {
    name: 'an edit by an image pair',
    text: `{"jsonrpc":"2.0","id":3,"method":"edit","params":{"image":${raw},"pair":{"from":${file},"to":${raw}},"threshold":0}}`,
    method: 'edit',
    params: { image: pixels, pair: { from: image, to: pixels }, threshold: 0 },
    filled: { encoding: 'png' },
  },
  {
    name: 'an interpolation between texts',
    text: `{"jsonrpc":"2.0","id":4,"method":"interpolate","params":{"image":${file},"steps":6,"texts":{"from":"face","to":"hat","source":{"mode":"domain"}}}}`,
    method: 'interpolate',
    params: { image, steps: 6, texts: { from: 'face', to: 'hat', source: { mode: 'domain' } } },
    filled: { encoding: 'png' },
  },
  {
    name: 'an interpolation between images',
    text: `{"jsonrpc":"2.0","id":5,"method":"interpolate","params":{"image":${file},"steps":2,"other":${raw},"encoding":"rgba8"}}`,
    method: 'interpolate',
    params: { image, steps: 2, other: pixels, encoding: 'rgba8' },
    filled: {},
  },
  {
    name: 'a mix',
    text: `{"jsonrpc":"2.0","id":6,"method":"mix","params":{"content":${file},"style":${raw},"fromLayer":0}}`,
    method: 'mix',
    params: { content: image, style: pixels, fromLayer: 0 },
    filled: { encoding: 'png' },
  },
  {
    name: 'a step of a slider that may be repeated',
    text:
      `{"jsonrpc":"2.0","id":7,"method":"edit","params":{"image":${raw},"targets":["hat"],"jobId":"0f6f3c1e-1","lane":"document/layer",` +
      '"priority":"bulk","onDisconnect":"keep"}}',
    method: 'edit',
    params: {
      image: pixels,
      targets: ['hat'],
      jobId: '0f6f3c1e-1',
      lane: 'document/layer',
      priority: 'bulk',
      onDisconnect: 'keep',
    },
    filled: { encoding: 'png' },
  },
  {
    name: 'a question for what was missed',
    text: '{"jsonrpc":"2.0","id":8,"method":"job.subscribe","params":{"sinceRevision":41,"jobIds":["0f6f3c1e-1"]}}',
    method: 'job.subscribe',
    params: { sinceRevision: 41, jobIds: ['0f6f3c1e-1'] },
    filled: {},
  },
  {
    name: 'a question for jobs',
    text: '{"jsonrpc":"2.0","id":9,"method":"job.list","params":{"states":["queued","running"]}}',
    method: 'job.list',
    params: { states: ['queued', 'running'] },
    filled: { limit: 256 },
  },
];

const request = (method: string, params: string): string =>
  `{"jsonrpc":"2.0","id":1,"method":"${method}","params":{${params}}}`;

/** Requests that are answered with `invalid_params`, and a part of the message. */
/** A request that a daemon refuses, and words of its answer. */
export interface RefusedRequest {
  readonly name: string;
  readonly text: string;
  readonly complaint: string;
}

export const refusedRequests: RefusedRequest[] = [
  {
    name: 'an edit that says nothing',
    text: request('edit', `"image":${file}`),
    complaint: 'expected targets or pair, got neither',
  },
  {
    name: 'an edit that says too much',
    text: request('edit', `"image":${file},"targets":["hat"],"pair":{"from":${file},"to":${file}}`),
    complaint: 'expected targets or pair, got both',
  },
  {
    name: 'a source of an image pair',
    text: request('edit', `"image":${file},"source":"face","pair":{"from":${file},"to":${file}}`),
    complaint: 'source: an image pair has no source text',
  },
  {
    name: 'two ways to choose channels',
    text: request('edit', `"image":${file},"targets":["hat"],"threshold":0.1,"topChannels":3`),
    complaint: 'expected threshold or topChannels, got both',
  },
  {
    name: 'a path instead of a blob',
    text: request('edit', '"image":{"encoding":"file","digest":"face.png"},"targets":["hat"]'),
    complaint: 'image.digest: expected sha256:',
  },
  {
    name: 'an interpolation that leads nowhere',
    text: request('interpolate', `"image":${file},"steps":3`),
    complaint: 'expected texts or other, got neither',
  },
  {
    name: 'an interpolation of one frame',
    text: request('interpolate', `"image":${file},"steps":1,"other":${file}`),
    complaint: 'steps: expected at least 2, got 1',
  },
  {
    name: 'a job id that is none',
    text: request('edit', `"image":${file},"targets":["hat"],"jobId":"../jobs"`),
    complaint: 'jobId: expected a job id of letters, digits, _ and -',
  },
  {
    name: 'a lane without a name',
    text: request('edit', `"image":${file},"targets":["hat"],"lane":""`),
    complaint: 'lane: expected',
  },
  {
    name: 'a priority that there is not',
    text: request('mix', `"content":${file},"style":${file},"priority":"urgent"`),
    complaint: 'priority: expected',
  },
  {
    name: 'a state that there is not',
    text: request('job.list', '"states":["done"]'),
    complaint: 'states.0: expected',
  },
  {
    name: 'a mix of one image',
    text: request('mix', `"content":${file}`),
    complaint: 'style: missing',
  },
];
