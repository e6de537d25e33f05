/**
 * What may travel between the daemon and its clients, and the client itself.
 *
 * Start reading at messages/methods.ts: the table of everything that can be said. No Node and no DOM here: sockets,
 * sha256 and timers belong to the callers.
 */
import './without-eval.js'; // before anything that makes a schema
export * from './version.js';
export * from './limits.js';
export * from './close-codes.js';
export * from './errors.js';
export * from './http-errors.js';
export * from './codec/envelope.js';
export * from './codec/frame.js';
export * from './messages/schema.js';
export * from './messages/image.js';
export * from './messages/models.js';
export * from './messages/verification.js';
export * from './messages/evaluation.js';
export * from './messages/training.js';
export * from './messages/job.js';
export * from './messages/edit.js';
export * from './messages/server.js';
export * from './messages/access.js';
export * from './messages/methods.js';
export * from './messages/method-scopes.js';
export * from './messages/issues.js';
export * from './peer/cancel.js';
export * from './peer/socket.js';
export * from './peer/peer.js';
export * from './client/client.js';
export * from './client/open-client.js';
export * from './client/progress-run.js';
export * from './client/http.js';
export * from './client/discover.js';
export * from './client/access.js';
export * from './recipe.js';
export * from './describe.js';
