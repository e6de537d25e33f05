/**
 * Whole conversations, message by message: what a client must send when its user wants something, and what it must make of
 * the answers. Literal, so that a client in any language can replay them; the format is in test/fixtures/protocol/README.md.
 */
import { protocolLimits } from '@deltaspace/shared-protocol';

export type ConversationStep =
  /** The user of the client wants something; what comes of it follows as `gives` or `fails`. */
  | { readonly do: 'connect'; readonly name: string; readonly version: string }
  | { readonly do: 'upload'; readonly hex: string }
  | { readonly do: 'call'; readonly method: string; readonly params: Readonly<Record<string, unknown>> }
  | { readonly do: 'download'; readonly digest: string }
  /** The user gives up what was wanted last. */
  | { readonly do: 'cancel' }
  /** The client sends exactly this: text, or a binary frame as hexadecimal digits. */
  | { readonly sends: string }
  | { readonly sendsFrame: string }
  /** The daemon sends this. */
  | { readonly receives: string }
  | { readonly receivesFrame: string }
  /** The client tells its user. */
  | { readonly progress: Readonly<Record<string, unknown>> }
  | { readonly gives: unknown }
  | { readonly givesBytes: string }
  | { readonly fails: string };

export interface Conversation {
  readonly name: string;
  readonly steps: readonly ConversationStep[];
}

/** Four bytes, deadbeef, and what an edit makes of them: 01 02 03. */
const layer = 'sha256:5f78c33274e43fa9de5659265c1d917e25c03722dcb0b8d27db8d5feaa813953';
const edited = 'sha256:039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81';

const image = `{"encoding":"rgba8","digest":"${layer}","width":1,"height":1}`;
const editParams = `{"image":${image},"targets":["hat"],"encoding":"rgba8"}`;
const output =
  `{"target":"hat","source":"face","image":{"encoding":"rgba8","digest":"${edited}","sizeBytes":3,"width":1,"height":1},` +
  '"strength":1,"threshold":0.1,"channelsKept":3,"reach":1,"styleChange":1,"alignment":1,"warnings":[],"unknownWords":[]}';
const editResult = `{"pack":"avatars","outputs":[${output}],"timingsMs":{"networks":1}}`;

const job = `{"jobId":"slider-1","method":"edit","state":"cancelled","revision":7,"priority":"interactive","onDisconnect":"cancel","queuedAtMs":1,"attempts":1,"crashes":0}`;

/** `initialize` and its answer, from a daemon with these capabilities. */
function opening(capabilities: Readonly<Record<string, boolean>>): ConversationStep[] {
  const session = {
    protocol: 1,
    server: { name: 'deltaspace', version: '0.1.0' },
    sessionId: 'session-1',
    capabilities,
    limits: protocolLimits,
    models: [],
  };
  return [
    { do: 'connect', name: 'vectors', version: '1' },
    {
      sends:
        '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocol":{"minimum":1,"maximum":1},"client":{"name":"vectors","version":"1"}}}',
    },
    { receives: JSON.stringify({ jsonrpc: '2.0', id: 1, result: session }) },
    { gives: session },
  ];
}

/** An upload chunk of deadbeef; its header has `length` bytes, `header` has them with their padding. */
const chunk = (length: string, header: string): string => `01010000${length}000000${header}deadbeef`;

export const conversations: readonly Conversation[] = [
  {
    name: 'a layer is sent, edited, and the result fetched',
    steps: [
      ...opening({}),
      { do: 'upload', hex: 'deadbeef' },
      { sends: `{"jsonrpc":"2.0","id":2,"method":"blob.begin","params":{"digest":"${layer}","sizeBytes":4}}` },
      { receives: '{"jsonrpc":"2.0","id":2,"result":{"state":"receiving","uploadId":"u","offset":0}}' },
      { sendsFrame: chunk('1b', '7b2275706c6f61644964223a2275222c226f6666736574223a307d0000000000') },
      { sends: '{"jsonrpc":"2.0","id":3,"method":"blob.commit","params":{"uploadId":"u"}}' },
      { receives: '{"jsonrpc":"2.0","method":"blob.received","params":{"uploadId":"u","offset":4}}' },
      { receives: `{"jsonrpc":"2.0","id":3,"result":{"digest":"${layer}","sizeBytes":4}}` },
      { gives: layer },
      { do: 'call', method: 'edit', params: JSON.parse(editParams) as Record<string, unknown> },
      { sends: `{"jsonrpc":"2.0","id":4,"method":"edit","params":${editParams}}` },
      { receives: '{"jsonrpc":"2.0","method":"$/progress","params":{"id":4,"stage":"invert","fraction":0.25}}' },
      { progress: { stage: 'invert', fraction: 0.25 } },
      { receives: `{"jsonrpc":"2.0","id":4,"result":${editResult}}` },
      { gives: JSON.parse(editResult) as unknown },
      { do: 'download', digest: edited },
      { sends: `{"jsonrpc":"2.0","id":5,"method":"blob.get","params":{"digest":"${edited}","offset":0}}` },
      { receivesFrame: downloadFrame(5, '010203') },
      { receives: '{"jsonrpc":"2.0","id":5,"result":{"sizeBytes":3,"offset":0,"length":3}}' },
      { givesBytes: '010203' },
    ],
  },
  {
    name: 'a layer that the daemon holds is not sent, and an answer may have members of the future',
    steps: [
      ...opening({}),
      { do: 'upload', hex: 'deadbeef' },
      { sends: `{"jsonrpc":"2.0","id":2,"method":"blob.begin","params":{"digest":"${layer}","sizeBytes":4}}` },
      { receives: '{"jsonrpc":"2.0","method":"$/future","params":{"anything":true}}' },
      { receives: '{"jsonrpc":"2.0","id":2,"result":{"state":"known","since":1}}' },
      { gives: layer },
    ],
  },
  {
    name: 'a small layer goes in one trip, where the daemon lets clients choose ids',
    steps: [
      ...opening({ uploadIds: true }),
      { do: 'upload', hex: 'deadbeef' },
      {
        sends: `{"jsonrpc":"2.0","id":2,"method":"blob.begin","params":{"digest":"${layer}","sizeBytes":4,"uploadId":"upload-0"}}`,
      },
      { sendsFrame: chunk('22', '7b2275706c6f61644964223a2275706c6f61642d30222c226f6666736574223a307d000000000000') },
      { sends: '{"jsonrpc":"2.0","id":3,"method":"blob.commit","params":{"uploadId":"upload-0"}}' },
      { receives: '{"jsonrpc":"2.0","id":2,"result":{"state":"receiving","uploadId":"upload-0","offset":0}}' },
      { receives: `{"jsonrpc":"2.0","id":3,"result":{"digest":"${layer}","sizeBytes":4}}` },
      { gives: layer },
    ],
  },
  {
    name: 'a small result comes ahead of its answer and is not fetched',
    steps: [
      ...opening({}),
      { do: 'call', method: 'edit', params: JSON.parse(editParams) as Record<string, unknown> },
      { sends: `{"jsonrpc":"2.0","id":2,"method":"edit","params":${editParams}}` },
      { receivesFrame: downloadFrame(2, '010203') },
      { receives: `{"jsonrpc":"2.0","id":2,"result":${editResult}}` },
      { gives: JSON.parse(editResult) as unknown },
      { do: 'download', digest: edited },
      { givesBytes: '010203' },
    ],
  },
  {
    name: 'a job is cancelled and still answered once; a refusal has its code',
    steps: [
      ...opening({}),
      { do: 'call', method: 'edit', params: JSON.parse(editParams) as Record<string, unknown> },
      { sends: `{"jsonrpc":"2.0","id":2,"method":"edit","params":${editParams}}` },
      { do: 'cancel' },
      { sends: '{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":2}}' },
      {
        receives:
          '{"jsonrpc":"2.0","id":2,"error":{"code":-32800,"message":"cancelled","data":{"code":"cancelled","retryable":false}}}',
      },
      { fails: 'cancelled' },
      { do: 'call', method: 'job.get', params: { jobId: 'slider-1' } },
      { sends: '{"jsonrpc":"2.0","id":3,"method":"job.get","params":{"jobId":"slider-1"}}' },
      { receives: `{"jsonrpc":"2.0","id":3,"result":${job}}` },
      { gives: JSON.parse(job) as unknown },
      { do: 'call', method: 'job.get', params: { jobId: 'never' } },
      { sends: '{"jsonrpc":"2.0","id":4,"method":"job.get","params":{"jobId":"never"}}' },
      {
        receives:
          '{"jsonrpc":"2.0","id":4,"error":{"code":-32803,"message":"there is no such job","data":{"code":"job_unknown","retryable":false}}}',
      },
      { fails: 'job_unknown' },
    ],
  },
];

/** A download chunk of the edited layer for a request with an id of one digit: a header of 107 bytes, five of padding. */
function downloadFrame(request: number, payload: string): string {
  const header = Buffer.from(`{"request":${request},"digest":"${edited}","offset":0}`).toString('hex');
  return `010200006b000000${header}0000000000${payload}`;
}
