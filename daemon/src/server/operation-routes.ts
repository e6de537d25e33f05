/**
 * For whoever operates the daemon: `/readyz` and `/metrics`.
 *
 * `/readyz` needs no token, like `/healthz`, and tells counts only. `/metrics` needs one, unless the user opened it by flag, and then
 * on loopback only.
 */
import { Router, type Request } from 'express';
import type { Metrics } from '../metrics/metrics.js';
import type { Readiness } from '../readiness.js';
import type { Gate } from './gate.js';

export interface Operation {
  readonly metrics: Metrics;
  /** Programs on this machine may read the metrics without a token. */
  readonly openMetrics: boolean;
  readiness(): Promise<Readiness>;
}

export function operationRoutes({ gate, operation }: { gate: Gate; operation: Operation }): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get('/readyz', async (_request, response) => {
    const readiness = await operation.readiness();
    response.status(readiness.ready ? 200 : 503).json(readiness);
  });
  router.get('/metrics', async (request, response) => {
    const origin = gate.admitOrigin(request);
    if (!(operation.openMetrics && isLocal(request))) gate.identify(request, origin);
    const { contentType, body } = await operation.metrics.render();
    response.set('Content-Type', contentType).send(body);
  });
  return router;
}

function isLocal({ socket }: Request): boolean {
  const address = socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';
  return address === '::1' || address.startsWith('127.');
}
