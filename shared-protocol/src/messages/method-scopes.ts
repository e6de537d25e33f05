/**
 * Which scope each method needs. A method without a row does not compile, so that none is open by omission.
 */
import type { Scope } from './access.js';
import type { MethodName } from './methods.js';

/** `any`: every token may. Blobs are the means of editing and of running networks, and hold what that client sent. */
export const methodScopes: Readonly<Record<MethodName, Scope | 'any'>> = {
  initialize: 'any',
  'blob.have': 'any',
  'blob.begin': 'any',
  'blob.commit': 'any',
  'blob.get': 'any',
  edit: 'edit',
  interpolate: 'edit',
  mix: 'edit',
  invert: 'edit',
  subjects: 'edit',
  'job.get': 'any',
  'job.list': 'any',
  'job.cancel': 'any',
  'job.subscribe': 'any',
  'models.list': 'any',
  'models.run': 'models',
  'models.verify': 'models',
  evaluate: 'models',
  analyze: 'models',
  'train.start': 'train',
  'train.resume': 'train',
  'server.status': 'any',
  'server.shutdown': 'admin',
  'storage.collect': 'admin',
  'pairing.begin': 'admin',
  'pairing.wait': 'admin',
  'clients.list': 'admin',
  'clients.revoke': 'admin',
};

/** Whether a token with these scopes may call the method. */
export function mayCall(granted: readonly Scope[], method: MethodName): boolean {
  const needed = methodScopes[method];
  return needed === 'any' || granted.includes(needed);
}
