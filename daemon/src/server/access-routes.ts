/**
 * How a client gets in: `POST /v1/pair` turns a code into a token, `POST /v1/session` a token into a ticket.
 *
 * Both change state, so they take JSON only: a form on a web page can be posted without asking anybody, JSON cannot. The answer
 * may be read by the origin that asked, if it is one that was let in. There are no cookies, so nothing is sent by itself.
 */
import express, { Router, type Request, type RequestHandler, type Response } from 'express';
import {
  describeIssues,
  explainIssue,
  pairBodySchema,
  pairPath,
  sessionBodySchema,
  sessionPath,
} from '@deltaspace/shared-protocol';
import type * as z from 'zod';
import type { Access, Identity, RequestOrigin } from '../access/index.js';
import { daemonSettings } from '../config/settings.js';
import type { Gate } from './gate.js';
import { HttpRefusal } from './refusal.js';

/** What the steps before left for the last one. */
interface Locals {
  origin: RequestOrigin;
  identity?: Identity;
}

export function accessRoutes({ gate, access }: { gate: Gate; access: Access }): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const admitOrigin: RequestHandler = (request, response, next) => {
    const origin = gate.admitOrigin(request);
    (response.locals as Locals).origin = origin;
    response.vary('Origin');
    if (request.headers.origin !== undefined) {
      response.set('Access-Control-Allow-Origin', request.headers.origin);
      response.set('Access-Control-Expose-Headers', 'Retry-After'); // so that a plugin can say how long to wait
    }
    next();
  };
  const identify: RequestHandler = (request, response, next) => {
    const locals = response.locals as Locals;
    locals.identity = gate.identify(request, locals.origin);
    next();
  };

  router.all([pairPath, sessionPath], admitOrigin);
  router.options([pairPath, sessionPath], preflight);
  router.post(pairPath, needJson, readJson, async (request, response) => {
    const { code, name } = parseBody(pairBodySchema, request);
    gate.spend(access.pairingAttempts);
    const paired = await access.pair(code, name, (response.locals as Locals).origin);
    if (paired === undefined) throw new HttpRefusal('pairing_refused', pairingRefusedMessage);
    response.status(201).json(paired);
  });
  router.post(sessionPath, needJson, identify, readJson, (request, response) => {
    parseBody(sessionBodySchema, request);
    const { identity, origin } = response.locals as Required<Locals>;
    const issued = access.tickets.issue(identity, origin);
    if (issued === undefined) throw tooManyTickets();
    response.status(201).json(issued);
  });
  router.all([pairPath, sessionPath], () => {
    throw new HttpRefusal('method_not_allowed', 'This path takes POST.', { Allow: 'POST, OPTIONS' });
  });
  return router;
}

const pairingRefusedMessage =
  'The code is wrong, used or expired, or was made for another origin. Run "deltaspace pair" for a new one.';

const readJson = express.json({ limit: daemonSettings.httpBodyBytes, inflate: false });

function preflight(_request: Request, response: Response): void {
  response
    .set({
      'Access-Control-Allow-Methods': 'POST',
      'Access-Control-Allow-Headers': 'authorization, content-type',
      'Access-Control-Allow-Private-Network': 'true',
    })
    .sendStatus(204);
}

/** Refuses queries, in which codes and tokens end up in logs, and everything that a plain form can send. */
const needJson: RequestHandler = (request, _response, next) => {
  if (request.originalUrl.includes('?')) {
    throw new HttpRefusal('query_not_allowed', 'Send codes in the body and tokens in headers, never in the address.');
  }
  const mediaType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') {
    throw new HttpRefusal('wrong_content_type', 'Send the body as "Content-Type: application/json".');
  }
  next();
};

function parseBody<Schema extends z.ZodType>(schema: Schema, request: Request): z.output<Schema> {
  const parsed = schema.safeParse(request.body ?? {}, { error: explainIssue });
  if (!parsed.success) throw new HttpRefusal('bad_request', `body: ${describeIssues(parsed.error)}`);
  return parsed.data;
}

function tooManyTickets(): HttpRefusal {
  const retryAfter = String(Math.ceil(daemonSettings.ticketMs / 1000));
  return new HttpRefusal('too_many_tickets', 'Use the tickets you have, or wait until they expire.', {
    'Retry-After': retryAfter,
  });
}
