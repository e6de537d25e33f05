/**
 * The plain HTTP side: is it alive, what is it, and how a client gets in. Everything else goes through the socket.
 *
 * `/healthz` and `/v1/hello` need no token and hold no secret. The latter answers every origin: plugins in browsers call it
 * first, because a fetch raises the browser's permission prompt for local addresses where a raw WebSocket just fails.
 */
import express, { type ErrorRequestHandler, type Express, type Request } from 'express';
import {
  helloPath,
  pairPath,
  productName,
  protocolRange,
  sessionPath,
  socketPath,
  subprotocol,
} from '@deltaspace/shared-protocol';
import { daemonVersion } from '../config/settings.js';
import { accessRoutes } from './access-routes.js';
import type { Gate } from './gate.js';
import { operationRoutes, type Operation } from './operation-routes.js';
import { HttpRefusal } from './refusal.js';
import type { Access } from '../access/index.js';

export interface HttpParts {
  readonly gate: Gate;
  readonly access: Access;
  readonly operation: Operation;
  /** Random id of this start; equals the one in the lock file. */
  readonly instance: string;
  readonly refused: (refusal: HttpRefusal) => void;
  /** Anything thrown that was no refusal. */
  readonly defect: (thrown: unknown) => void;
}

export function createHttpRoutes(parts: HttpParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.use((request, response, next) => {
    response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    parts.gate.admitHead(request);
    next();
  });
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.options(helloPath, (_request, response) => {
    response
      .set({
        'Access-Control-Allow-Origin': '*',
        'Access-Control-Allow-Methods': 'GET',
        'Access-Control-Allow-Private-Network': 'true',
      })
      .sendStatus(204);
  });
  app.get(helloPath, (_request, response) => {
    response.set('Access-Control-Allow-Origin', '*').json({
      product: productName,
      version: daemonVersion,
      protocol: protocolRange,
      subprotocol,
      socketPath,
      pairPath,
      sessionPath,
      instance: parts.instance,
      needsToken: true,
    });
  });
  app.use(operationRoutes(parts));
  app.use(accessRoutes(parts));
  app.all(socketPath, () => {
    throw new HttpRefusal('upgrade_required', `${socketPath} is the WebSocket endpoint.`, { Upgrade: 'websocket' });
  });
  app.use(() => {
    throw new HttpRefusal('not_found', 'There is nothing here. See docs/protocol.md.');
  });
  app.use(answerRefusals(parts));
  return app;
}

/** Four parameters make it an error handler. Express's own answer would show a stack trace. */
function answerRefusals({ refused, defect }: HttpParts): ErrorRequestHandler {
  return (thrown: unknown, request: Request, response, next) => {
    if (response.headersSent) {
      next(thrown);
      return;
    }
    const refusal = thrown instanceof HttpRefusal ? thrown : explainBodyError(thrown);
    if (refusal === undefined) defect(thrown);
    else refused(refusal);
    const answer = refusal ?? new HttpRefusal('internal_error', 'The daemon hit a defect of its own. See its log.');
    // What was not read of the body must not be taken for the next request.
    if (!request.complete) response.set('Connection', 'close');
    response.set(answer.headers).status(answer.status).json(answer.body);
  };
}

/** Express's complaints about addresses and bodies, as refusals. Undefined for anything else. */
function explainBodyError(thrown: unknown): HttpRefusal | undefined {
  const { type, status } = (thrown ?? {}) as { type?: unknown; status?: unknown };
  if (status === 413) return new HttpRefusal('body_too_large', 'The body is larger than any request needs.');
  if (status === 415) return new HttpRefusal('wrong_content_type', `The body cannot be read: ${String(type)}.`);
  if (typeof status !== 'number' || status >= 500) return undefined;
  return new HttpRefusal('bad_request', 'The request cannot be read.');
}
