import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { replay } from './conversation-player.js';
import { conversations, type Conversation, type ConversationStep } from './conversation-vectors.js';
import { vectorFolder } from './generated-files.js';

/** The conversations as a client in another language gets them: from the file. */
function readConversations(): Conversation[] {
  const read: { name: string; steps: ConversationStep[] }[] = [];
  for (const line of readFileSync(path.join(vectorFolder, 'conversations.jsonl'), 'utf8').trimEnd().split('\n')) {
    const value = JSON.parse(line) as ConversationStep | { conversation: string };
    if ('conversation' in value) read.push({ name: value.conversation, steps: [] });
    else read.at(-1)?.steps.push(value);
  }
  return read;
}

describe('the client', () => {
  it.each(readConversations())('says what the vectors say: $name', async ({ steps }) => {
    await replay(steps);
  });

  it('is found out when it sends another byte than a vector says', async () => {
    const [first] = conversations as [Conversation];
    const changed = first.steps.map((step) =>
      'sendsFrame' in step ? { sendsFrame: step.sendsFrame.replace('deadbeef', 'deadbeee') } : step,
    );
    await expect(replay(changed)).rejects.toThrow('to deeply equal');
  });

  it('is found out when it says more than its vectors', async () => {
    const [first] = conversations as [Conversation];
    const upToUpload = first.steps.slice(0, first.steps.findIndex((step) => 'do' in step && step.do === 'upload') + 1);
    await expect(replay(upToUpload)).rejects.toThrow('to deeply equal []');
  });
});
