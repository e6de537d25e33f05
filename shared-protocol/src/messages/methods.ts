/**
 * The table of everything that can be said: what validation, the TypeScript types and docs/protocol.md are made from.
 */
import type * as z from 'zod';
import { accessMethods } from './access.js';
import { blobMethods, blobNotifications } from './blob.js';
import { editMethods } from './edit.js';
import { evaluationMethods } from './evaluation.js';
import { handshakeMethods } from './handshake.js';
import { jobMethods, jobNotifications } from './job.js';
import { modelMethods, modelNotifications } from './models.js';
import { requestControlNotifications } from './request-control.js';
import { serverMethods } from './server.js';
import { storageMethods } from './storage.js';
import { trainingMethods } from './training.js';
import { verificationMethods } from './verification.js';

export const methods = {
  ...handshakeMethods,
  ...blobMethods,
  ...editMethods,
  ...modelMethods,
  ...verificationMethods,
  ...evaluationMethods,
  ...trainingMethods,
  ...jobMethods,
  ...serverMethods,
  ...accessMethods,
  ...storageMethods,
} as const;

export const notifications = {
  ...requestControlNotifications,
  ...blobNotifications,
  ...jobNotifications,
  ...modelNotifications,
} as const;

export type MethodName = keyof typeof methods;
export type NotificationName = keyof typeof notifications;

/** Parameters as a sender writes them: members with a default may be left out. */
export type ParamsInput<Method extends MethodName> = z.input<(typeof methods)[Method]['params']>;
/** Parameters as a receiver reads them after validation. */
export type Params<Method extends MethodName> = z.output<(typeof methods)[Method]['params']>;
export type Result<Method extends MethodName> = z.output<(typeof methods)[Method]['result']>;
export type NotificationParams<Name extends NotificationName> = z.output<(typeof notifications)[Name]['params']>;

export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(methods, name);
}

export function isNotificationName(name: string): name is NotificationName {
  return Object.hasOwn(notifications, name);
}
