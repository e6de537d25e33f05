import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { describeProtocol, errorCodes } from '@deltaspace/shared-protocol';
import { contentOf, generatedFiles, nameOf } from './generated-files.js';
import { protocolDocument } from './reference.js';

describe('what is made from the schemas and vectors', () => {
  it.each(generatedFiles.map((generated) => ({ name: nameOf(generated), generated })))(
    '$name is current; run "npm run docs" when this fails',
    async ({ generated }) => {
      const content = await contentOf(generated);
      expect(content).not.toBe('');
      expect(generated.render(content) === content).toBe(true); // a quarter of a megabyte is no message
    },
  );
});

describe('docs/protocol.md', () => {
  it('has every method and every error code', async () => {
    const document = await readFile(protocolDocument, 'utf8');
    for (const { name } of describeProtocol().methods) expect(document).toContain(`### \`${name}\``);
    for (const code of Object.keys(errorCodes)) expect(document).toContain(`| \`${code}\` |`);
  });
});

describe('the description of the protocol', () => {
  it('speaks only of error codes that exist', () => {
    for (const { errors } of describeProtocol().methods) {
      for (const code of errors) expect(errorCodes).toHaveProperty(code);
    }
  });
});
