/**
 * The HTTP part of getting in, over whatever the platform calls `fetch`: asking a port who it is, pairing, tickets.
 *
 * Here are only the means: one request with a time limit, and its refusals as one class of error. What is asked is in
 * discover.ts and access.ts. Nothing is sent again here; callers know what is worth repeating.
 */
import { httpErrors, type HttpErrorCode } from '../http-errors.js';

/** The part of an HTTP answer that is read. The answers of `fetch` fit. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

/** The part of `fetch` that is used. It rejects when there is no answer that may be read, for whatever reason. */
export type FetchLike = (
  url: string,
  init: { method: 'GET' | 'POST'; headers: Record<string, string>; body?: string },
) => Promise<HttpAnswer>;

/** What the requests need of a platform. */
export interface HttpPlatform {
  readonly fetch: FetchLike;
  /** Calls back once after some milliseconds; the function that it returns takes that back. */
  after(delayMs: number, callback: () => void): () => void;
}

/** A daemon's place: a name of the loopback interface that the platform may use, and a port. */
export interface DaemonAddress {
  readonly host: string;
  readonly port: number;
}

/** Bounds of one request. A daemon answers within milliseconds; a program that listens without answering never does. */
export const httpLimits = {
  /** Whole exchange, in milliseconds. */
  answerMs: 3000,
  /** Body of an answer, in UTF-16 code units. Real ones have a few hundred. */
  answerCharacters: 16 * 1024,
} as const;

/** Why a request of these was not answered as asked: a code of `httpErrors`, or one of the two that are made here. */
export type AccessErrorCode = HttpErrorCode | 'unreachable' | 'unexpected_answer';

/** A refusal before there is a socket. `unreachable`: no answer that may be read. `unexpected_answer`: not a daemon's. */
export class AccessError extends Error {
  override readonly name = 'AccessError';
  readonly code: AccessErrorCode;
  /** How long the daemon asked to wait, in milliseconds. Browsers see it only where the daemon exposes the header. */
  readonly retryAfterMs: number | undefined;

  constructor(code: AccessErrorCode, message: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/**
 * One request and the text of its answer, whatever its status.
 * @throws AccessError `unreachable` when there is no answer in time, `unexpected_answer` when it is too long.
 */
export async function exchange(
  platform: HttpPlatform,
  url: string,
  init: Parameters<FetchLike>[1],
): Promise<{ status: number; text: string; retryAfterMs: number | undefined }> {
  const answer = async (): Promise<{ status: number; text: string; retryAfterMs: number | undefined }> => {
    const { status, headers, text } = await withBody(platform, url, init);
    if (text.length > httpLimits.answerCharacters) {
      throw new AccessError('unexpected_answer', `${url} answered with ${text.length} characters; no daemon does`);
    }
    return { status, text, retryAfterMs: waitOf(headers.get('Retry-After')) };
  };
  return withinTime(platform, answer(), url);
}

/** Posts JSON and reads JSON. @throws AccessError with the daemon's code and words when it refuses. */
export async function postJson(
  platform: HttpPlatform,
  { host, port }: DaemonAddress,
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const { status, text, retryAfterMs } = await exchange(platform, `http://${host}:${port}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const parsed = parseJson(text);
  if (status >= 200 && status < 300 && parsed !== undefined) return parsed;
  const { error, message } = (parsed ?? {}) as { error?: unknown; message?: unknown };
  const words = typeof message === 'string' ? message : `port ${port} answered ${path} with HTTP ${status}`;
  const code = isHttpErrorCode(error) ? error : 'unexpected_answer';
  throw new AccessError(code, words, retryAfterMs === undefined ? {} : { retryAfterMs });
}

/** JSON, or undefined for text that is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // Another program that happens to speak HTTP.
  }
}

async function withBody(
  platform: HttpPlatform,
  url: string,
  init: Parameters<FetchLike>[1],
): Promise<{ status: number; headers: HttpAnswer['headers']; text: string }> {
  try {
    const { fetch } = platform; // browsers refuse to run their fetch as a method of something else
    const answer = await fetch(url, init);
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  } catch (cause) {
    throw new AccessError('unreachable', `there is no answer from ${url} that may be read`, { cause });
  }
}

/** The request itself cannot be taken back on every platform: a late answer is ignored. */
function withinTime<Value>(platform: HttpPlatform, promise: Promise<Value>, url: string): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stopTimer = platform.after(httpLimits.answerMs, () => {
      reject(new AccessError('unreachable', `${url} did not answer within ${httpLimits.answerMs} ms`));
    });
    promise.then(resolve, reject).finally(stopTimer);
  });
}

function waitOf(header: string | null): number | undefined {
  const seconds = header === null || header === '' ? Number.NaN : Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function isHttpErrorCode(code: unknown): code is HttpErrorCode {
  return typeof code === 'string' && Object.hasOwn(httpErrors, code);
}
