/** Counts nothing: for daemons that end with the command that started them, where loading prom-client is not worth it. */
import type { Metrics } from './metrics.js';

const nothing = (): void => undefined;

export const noMetrics: Metrics = {
  uploaded: nothing,
  blobAsked: nothing,
  refused: nothing,
  workerExited: nothing,
  jobEnded: nothing,
  render: () => Promise.resolve({ contentType: 'text/plain; charset=utf-8', body: '# not counted by this daemon\n' }),
};
