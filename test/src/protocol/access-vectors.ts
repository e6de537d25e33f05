/**
 * Requests about pairing and clients as literal JSON, sound and refused; read like those of request-vectors.ts.
 */
import type { RefusedRequest, SoundRequest } from './request-vectors.js';

export const soundAccessRequests: SoundRequest[] = [
  {
    name: 'a pairing with what is usual',
    text: '{"jsonrpc":"2.0","id":1,"method":"pairing.begin","params":{}}',
    method: 'pairing.begin',
    params: {},
    filled: { scopes: ['edit'] },
  },
  {
    name: 'a pairing with scopes and an origin',
    text: '{"jsonrpc":"2.0","id":2,"method":"pairing.begin","params":{"scopes":["edit","models"],"origin":"https://example.com"}}',
    method: 'pairing.begin',
    params: { scopes: ['edit', 'models'], origin: 'https://example.com' },
    filled: {},
  },
  {
    name: 'a revocation',
    text: '{"jsonrpc":"2.0","id":3,"method":"clients.revoke","params":{"id":"0f8fad5b-d9cb-469f-a165-70867728950e"}}',
    method: 'clients.revoke',
    params: { id: '0f8fad5b-d9cb-469f-a165-70867728950e' },
    filled: {},
  },
];

export const refusedAccessRequests: RefusedRequest[] = [
  {
    name: 'an unknown scope',
    text: '{"jsonrpc":"2.0","id":1,"method":"pairing.begin","params":{"scopes":["root"]}}',
    complaint: 'scopes.0: expected',
  },
  {
    name: 'a scope twice',
    text: '{"jsonrpc":"2.0","id":1,"method":"pairing.begin","params":{"scopes":["edit","edit"]}}',
    complaint: 'scopes: expected every scope once',
  },
  {
    name: 'an origin with a path',
    text: '{"jsonrpc":"2.0","id":1,"method":"pairing.begin","params":{"origin":"https://example.com/"}}',
    complaint: 'origin: expected an origin such as https://example.com',
  },
  {
    name: 'a client id that is a path',
    text: '{"jsonrpc":"2.0","id":1,"method":"clients.revoke","params":{"id":"../token"}}',
    complaint: 'id: expected an id that the daemon handed out',
  },
];
