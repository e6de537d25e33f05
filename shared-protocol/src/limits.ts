/**
 * Every bound on what a peer may send, by name. The daemon tells them to clients in `initialize`; tests go one past each.
 * Sizes are bytes unless the name says otherwise. Raising one is additive; lowering one breaks clients that cached it.
 */
const chunkBytes = 1024 * 1024;

export const protocolLimits = {
  /** Payload of one binary frame. 1 MiB keeps cancellation and progress responsive behind an upload. */
  chunkBytes,
  /** Blobs up to this size are sent with `blob.begin` and `blob.commit`, without waiting for an answer in between. */
  eagerUploadBytes: 256 * 1024,
  /** Results of one job, together, that are sent with the answer instead of waiting for `blob.get`. */
  pushedResultBytes: chunkBytes,
  /** JSON header of one binary frame. */
  frameHeaderBytes: 4096,
  /** One WebSocket message of any kind: a full chunk with its header and room to spare. */
  messageBytes: chunkBytes + 64 * 1024,
  /** Length of one text message that a client sends, in UTF-16 code units. */
  requestCharacters: 64 * 1024,
  /** Nesting of objects and arrays in a text message. */
  jsonDepth: 32,
  /** One blob: an encoded image, raw pixels, a tensor. */
  blobBytes: 256 * 1024 * 1024,
  /** All blobs of one data folder. The least recently used ones give way. */
  storeBytes: 4 * 1024 * 1024 * 1024,
  /** Width × height of an image, in pixels. An 8000 × 8000 layer, 256 MB once decoded. */
  imagePixels: 64_000_000,
  /** Width or height of an image, in pixels. */
  imageSide: 16_384,
  /** Chunks that a client may have in flight before the daemon has confirmed one. */
  unconfirmedChunks: 4,
  /** Uploads that one connection may have open. */
  openUploads: 8,
  /** Requests of one connection that may wait for their answer. */
  openRequests: 64,
  /** Connections of all clients together. */
  connections: 64,
  /** Digests in one `blob.have`. */
  digestsPerQuery: 256,
  /** Texts in one `edit`. */
  targets: 32,
  /** Frames of one `interpolate`. */
  frames: 64,
  /** Style channels that one `edit` may ask to keep. The 1024 px generator has 9088. */
  styleChannels: 65_536,
  /** Layers of W+ that a cut may lie at. */
  styleLayers: 64,
  /** Longer side of a preview, in pixels: at least and at most. */
  previewSideMinimum: 16,
  previewSide: 1024,
  /** Subjects in one answer of `subjects`; the largest ones. */
  subjects: 64,
  /** Length of one text, in UTF-16 code units. */
  textCharacters: 1000,
  /** Length of the name that a client pairs under, in UTF-16 code units. */
  clientNameCharacters: 64,
  /** Length of a web origin, in UTF-16 code units. */
  originCharacters: 256,
  /** Tensors in one `models.run`. */
  tensors: 64,
  /** Avatars per text in one `evaluate`. */
  evaluationAvatars: 1000,
  /** Avatars in one `analyze` of a pack. */
  analysisAvatars: 10_000,
  /** Minutes of one training, over all its resumptions: a week. */
  trainingMinutes: 7 * 24 * 60,
  /** Steps of one stage of a training. */
  trainingSteps: 10_000_000,
  /** Jobs that may wait for the worker, and as many for that of the background. */
  queuedJobs: 256,
  /** Length of the name of a lane, in UTF-16 code units. */
  laneCharacters: 128,
  /** Jobs in one answer of `job.list`, and ids in one `job.subscribe`. */
  jobsPerList: 256,
  /** Time from the upgrade to `initialize`, in milliseconds. */
  handshakeMs: 10_000,
} as const;

export type ProtocolLimits = { readonly [Name in keyof typeof protocolLimits]: number };
