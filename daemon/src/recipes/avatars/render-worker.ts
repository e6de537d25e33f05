/**
 * The worker side of render-pool.ts: draws the avatars of a task into the shared pixel buffer it is given.
 * Runs only as a worker thread.
 */
import { parentPort } from 'node:worker_threads';
import { renderRecords, type RenderReply, type RenderTask } from './render-task.js';

const port = parentPort;
if (port === null) throw new Error('render-worker must be started as a worker thread');

port.on('message', (task: RenderTask) => {
  renderRecords(task).then(
    () => {
      port.postMessage({ taskId: task.taskId } satisfies RenderReply);
    },
    (error: unknown) => {
      port.postMessage({ taskId: task.taskId, error: String(error) } satisfies RenderReply);
    },
  );
});
