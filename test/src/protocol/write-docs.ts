/** `npm run docs`: renews docs/asyncapi.json, the generated half of docs/protocol.md, and the vectors in test/fixtures/protocol. */
import { renewAll } from './generated-files.js';

const renewed = await renewAll();
console.log(renewed.length === 0 ? 'everything is current' : `renewed ${renewed.join(', ')}`);
