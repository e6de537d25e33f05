/** `npm run docs`: renews what is generated in docs/protocol.md and docs/scripting.md. */
import { writeScripting } from '../examples/embedded-files.js';
import { writeReference } from './reference.js';

const say = (file: string, changed: boolean): void => console.log(`${file} ${changed ? 'was renewed' : 'is current'}`);
say('docs/protocol.md', await writeReference());
say('docs/scripting.md', await writeScripting());
