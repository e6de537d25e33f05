/**
 * `npm run docs`: renews docs/asyncapi.json, the generated half of docs/protocol.md, the vectors in test/fixtures/protocol, and the
 * files that docs/scripting.md shows.
 */
import { writeScripting } from '../examples/embedded-files.js';
import { renewAll } from './generated-files.js';

const renewed = [...(await renewAll()), ...((await writeScripting()) ? ['docs/scripting.md'] : [])];
console.log(renewed.length === 0 ? 'everything is current' : `renewed ${renewed.join(', ')}`);
