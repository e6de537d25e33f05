import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { describeProtocol, errorCodes } from '@deltaspace/shared-protocol';
import { protocolDocument, renewReference } from './reference.js';

describe('docs/protocol.md', () => {
  it('is what the schemas say; run "npm run docs" when this fails', async () => {
    const document = await readFile(protocolDocument, 'utf8');
    expect(renewReference(document)).toBe(document);
  });

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
