/**
 * The plain HTTP side: is it alive, and what is it. Everything else goes through the socket.
 *
 * Neither route needs a token and neither holds a secret. `/v1/hello` answers every origin: plugins in browsers call it
 * first, because a fetch raises the browser's permission prompt for local addresses where a raw WebSocket just fails.
 */
import express, { type ErrorRequestHandler, type Express } from 'express';
import { helloPath, productName, protocolRange, socketPath, subprotocol } from '@deltaspace/shared-protocol';
import { daemonVersion } from '../config/settings.js';
import { isHostAllowed } from './host-check.js';

export interface HttpFacts {
  /** The port in use, known once listening. */
  readonly port: () => number;
  /** Random id of this start; equals the one in the lock file. */
  readonly instance: string;
}

export function createHttpRoutes(facts: HttpFacts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((request, response, next) => {
    response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    if (isHostAllowed(request, facts.port())) next();
    else response.status(421).json({ error: 'wrong_host', message: wrongHostMessage });
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
      instance: facts.instance,
      needsToken: true,
    });
  });
  app.use((_request, response) => {
    response.status(404).json({ error: 'not_found', message: 'There is nothing here. See docs/protocol.md.' });
  });
  app.use(badRequest);
  return app;
}

/** Express's own answer would show a stack trace. */
const badRequest: ErrorRequestHandler = (_error, _request, response, next) => {
  if (response.headersSent) next(_error);
  else response.status(400).json({ error: 'bad_request', message: 'The request cannot be read.' });
};

export const wrongHostMessage = 'The Host header must be 127.0.0.1, localhost or [::1] with the port of the daemon.';
