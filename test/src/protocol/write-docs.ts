/** `npm run docs`: renews the generated half of docs/protocol.md. */
import { writeReference } from './reference.js';

const changed = await writeReference();
console.log(`docs/protocol.md ${changed ? 'was renewed' : 'is current'}`);
