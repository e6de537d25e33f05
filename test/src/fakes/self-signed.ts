/**
 * A key and a certificate that it signed itself, for one IP address: enough of X.509 to try TLS without files that expire.
 */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';

export interface SelfSigned {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

const version3 = der(0xa0, der(0x02, Buffer.of(2)));
const ecdsaWithSha256 = der(0x30, Buffer.from('06082a8648ce3d040302', 'hex'));
const commonName = Buffer.from('0603550403', 'hex');
const subjectAltName = Buffer.from('0603551d11', 'hex');

/** Valid from 2020 to 2049. @param address IPv4, dotted. */
export function selfSigned(address: string): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const name = der(0x30, der(0x31, der(0x30, commonName, der(0x0c, Buffer.from('deltaspace test')))));
  const validity = der(0x30, utcTime('200101000000Z'), utcTime('491231000000Z'));
  const serial = der(0x02, Buffer.concat([Buffer.of(1), createHash('sha256').update(spki).digest().subarray(0, 8)]));
  const ipAddress = der(0x87, Buffer.from(address.split('.').map(Number)));
  const extensions = der(0xa3, der(0x30, der(0x30, subjectAltName, der(0x04, der(0x30, ipAddress)))));
  const body = der(0x30, version3, serial, ecdsaWithSha256, name, validity, name, spki, extensions);
  const signature = der(0x03, Buffer.of(0), sign('sha256', body, privateKey));
  const base64 = der(0x30, body, ecdsaWithSha256, signature).toString('base64');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${base64.replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

/** One DER element: tag, length, contents. */
function der(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function utcTime(text: string): Buffer {
  return der(0x17, Buffer.from(text));
}
