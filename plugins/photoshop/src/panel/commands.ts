/**
 * What the commands in Photoshop's Plugins menu do. They work without the panel being open; what they have to say, they tell
 * whoever shows words to the person.
 */
import type { PhotoshopPort } from '../host/photoshop-port.js';
import { runEdit, type EditFunction } from '../layer/actions.js';
import { commandIds } from '../manifest/manifest.js';
import { words } from '../words.js';
import { failureWords } from './model/daemon-edit.js';

/** The edit that was made last, and who can make it again. */
export interface LastEdit {
  readonly edit: EditFunction;
  readonly recipe: string;
}

export interface CommandParts {
  readonly port: PhotoshopPort;
  /** Undefined as long as no edit was made. */
  readonly lastEdit: () => LastEdit | undefined;
  readonly tell: (text: string) => void;
  /** Called when an edit was written. */
  readonly onWritten?: () => void;
}

/** Commands by their ids in the manifest. They do not reject for what a person can do something about. */
export function createCommands({
  port,
  lastEdit,
  tell,
  onWritten,
}: CommandParts): Readonly<Record<string, () => Promise<void>>> {
  return {
    [commandIds.repeatLastEdit]: async () => {
      const last = lastEdit();
      if (last === undefined) return tell(words.noEditYet);
      try {
        const { notes } = await runEdit(port, last.edit, last.recipe);
        onWritten?.();
        notes.forEach(tell);
      } catch (error) {
        const text = failureWords(error);
        if (text === undefined) throw error;
        tell(text);
      }
    },
  };
}
