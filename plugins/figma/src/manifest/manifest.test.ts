import { daemonPorts } from '@deltaspace/shared-protocol';
import { describe, expect, it } from 'vitest';
import { manifestSchema } from './manifest-schema.js';
import { createManifest } from './manifest.js';

const parse = (change: object) => manifestSchema.safeParse({ ...createManifest(), ...change });

describe('the manifest', () => {
  it('satisfies the schema', () => {
    expect(manifestSchema.parse(createManifest())).toEqual(createManifest());
  });

  it('allows both schemes of each port of the protocol, and nothing else', () => {
    const expected = daemonPorts.flatMap((port) => [`ws://localhost:${port}`, `http://localhost:${port}`]);
    expect([...createManifest().networkAccess.allowedDomains].sort()).toEqual(expected.sort());
  });

  it('asks for no permission and for the design editor only', () => {
    expect(createManifest().permissions).toBeUndefined();
    expect(createManifest().editorType).toEqual(['figma']);
  });

  it('has each command once in the menu', () => {
    const menu = createManifest().menu.flatMap((item) => ('command' in item ? [item.command] : []));
    expect(new Set(menu).size).toBe(menu.length);
  });
});

describe('the schema of manifests', () => {
  it.each([
    ['a field that Figma does not know', { permission: [] }],
    ['an address without port', { networkAccess: { allowedDomains: ['ws://localhost'], reasoning: 'x' } }],
    ['a wildcard', { networkAccess: { allowedDomains: ['*'], reasoning: 'x' } }],
    ['a foreign host', { networkAccess: { allowedDomains: ['http://example.com:7411'], reasoning: 'x' } }],
    ['a path to main', { main: 'dist/code.js' }],
    ['synchronous document access', { documentAccess: undefined }],
    ['FigJam and Dev Mode together', { editorType: ['figjam', 'dev'] }],
    [
      'a required parameter after an optional one',
      {
        menu: [
          {
            name: 'Edit',
            command: 'open',
            parameters: [
              { name: 'A', key: 'a', optional: true },
              { name: 'B', key: 'b' },
            ],
          },
        ],
      },
    ],
  ])('refuses %s', (_, change) => {
    expect(parse(change).success).toBe(false);
  });
});
