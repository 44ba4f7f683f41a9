import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  adviceOn,
  hasExpired,
  isCertificateText,
  isValid,
  optionsOf,
  parseUserCertificate,
} from '../../../../src/platform/transport/ssh/auth/userCertificate';
import { propertyRuns } from '../../../harness/propertyRuns';
import { generateKey } from '../../../harness/sshd';
import { SshAuthority } from '../../../harness/sshAuthority';

describe('the file of a user certificate', () => {
  let folder: string;
  let text: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'muster-user-cert-'));
    const authority = await SshAuthority.create(folder);
    const key = await generateKey(path.join(folder, 'key'), 'ed25519');
    const options = ['-n', 'alice,ops', '-V', '20250101120000:20260101120000', '-O', 'force-command=true'];
    text = await readFile(await authority.certify(key, options), 'utf8');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('has principals, a time, an id and critical options', () => {
    const certificate = parseUserCertificate(text);
    expect(certificate).toMatchObject({
      type: 'ssh-ed25519-cert-v01@openssh.com',
      keyType: 'ssh-ed25519',
      kind: 'user',
      keyId: 'the id',
      principals: ['alice', 'ops'],
    });
    expect([...optionsOf(certificate)]).toEqual([['force-command', 'true']]);
    const at = (day: string) => new Date(`${day}T00:00:00`).getTime();
    expect(['2024-12-01', '2025-06-01', '2026-02-01'].map((day) => isValid(certificate, at(day)))).toEqual([
      false,
      true,
      false,
    ]);
    expect(hasExpired(certificate, at('2024-12-01'))).toBe(false);
  });

  it.each([
    ['empty lines behind it, as Vault prints them', (one: string) => `${one}\n\n`],
    ['ends of lines of Windows', (one: string) => one.replace('\n', '\r\n')],
    ['no end of the line', (one: string) => one.trimEnd()],
    ['no comment', (one: string) => one.split(' ').slice(0, 2).join(' ')],
    ['comments and empty lines before it', (one: string) => `# issued today\r\n\n  ${one}`],
    ['a byte order mark', (one: string) => `\ufeff${one}`],
    ['another key behind it', (one: string) => `${one}ssh-ed25519 AAAAC3Nz other\n`],
  ])('is read with %s', (_what, changed) => {
    expect(isCertificateText(changed(text))).toBe(true);
    expect(parseUserCertificate(changed(text)).keyId).toBe('the id');
  });

  it.each([
    [
      'the answer of Vault as JSON',
      (one: string) => JSON.stringify({ signed_key: one }),
      /not a certificate/,
    ],
    [
      'UTF-16, as PowerShell redirects',
      (one: string) => Buffer.from(one, 'utf16le').toString(),
      /not a certificate/,
    ],
    ['a name of Vault before it', (one: string) => `signed_key ${one}`, /not a certificate/],
    ['a plain key', () => 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA x', /it is a key/],
    ['another type before the data', (one: string) => one.replace('ssh-ed25519', 'ssh-rsa'), /damaged/],
    ['the type of OpenSSH 5.4', (one: string) => one.replace('v01', 'v00'), /damaged/],
    ['nothing', () => '', /not a certificate/],
  ])('is refused as what it is: %s', (_what, changed, reason) => {
    expect(() => parseUserCertificate(changed(text))).toThrow(reason);
  });

  it('in which one bit was changed is never accepted, and ends in a reason', () => {
    const [type, base64] = text.split(' ');
    const data = Buffer.from(base64!, 'base64');
    void fc.assert(
      fc.property(fc.nat(data.length * 8 - 1), (bit) => {
        const damaged = Buffer.from(data);
        damaged[bit >> 3]! ^= 1 << (bit & 7);
        expect(() => parseUserCertificate(`${type} ${damaged.toString('base64')}`)).toThrow(RangeError);
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it('is described by what it says itself', () => {
    const certificate = parseUserCertificate(text);
    const now = new Date('2026-01-01T15:30:00').getTime();
    expect(adviceOn(certificate, 'certificate k', 'bob', now)).toBe(
      'certificate k for alice, ops expired on 2026-01-01 12:00, 3 h ago by the clock of this machine: have it renewed.',
    );
  });
});
