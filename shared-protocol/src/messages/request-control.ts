/**
 * Notifications about requests in flight, with the names of the language server protocol.
 *
 * Both name the request by its own id, so there is never a question whose progress this is or what gets cancelled.
 */
import * as z from 'zod';
import { jobProgressSchema } from './job.js';
import { defineNotification, requestIdSchema } from './schema.js';

export const requestControlNotifications = {
  '$/progress': defineNotification({
    summary: 'A job advanced. At most ten per second and request, always one at each new stage.',
    from: 'daemon',
    params: jobProgressSchema.extend({ id: requestIdSchema.describe('id of the request that the job belongs to') }),
  }),
  '$/cancelRequest': defineNotification({
    summary:
      'Asks to stop a request. It still gets its one answer: `cancelled`, or the result when that was already made. ' +
      'When other requests wait for the same job, it goes on for them. ' +
      'An id that is not in flight is ignored, because the answer may have crossed the cancellation.',
    from: 'client',
    params: z.strictObject({ id: requestIdSchema }),
  }),
} as const;
