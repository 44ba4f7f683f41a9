import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isCertificate,
  parseHostCertificate,
} from '../../../../src/platform/transport/ssh/trust/hostCertificate';
import { propertyRuns } from '../../../harness/propertyRuns';
import { keyType } from '../../../harness/sshd';

const execute = promisify(execFile);
const blob = async (file: string) => Buffer.from((await readFile(file, 'utf8')).split(' ')[1]!, 'base64');

async function certificate(authorityType: string, type: string, ...options: string[]) {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-cert-'));
  const [authority, key] = [path.join(folder, 'ca'), path.join(folder, 'key')];
  await execute('ssh-keygen', ['-q', ...keyType(authorityType), '-N', '', '-f', authority]);
  await execute('ssh-keygen', ['-q', ...keyType(type), '-N', '', '-f', key]);
  await execute('ssh-keygen', ['-q', '-s', authority, '-I', 'the id', ...options, `${key}.pub`]);
  const result = {
    data: await blob(`${key}-cert.pub`),
    publicKey: await blob(`${key}.pub`),
    authorityKey: await blob(`${authority}.pub`),
  };
  await rm(folder, { recursive: true });
  return result;
}

describe('a host certificate', () => {
  it.each(['ed25519', 'ecdsa', 'rsa'])('signed by an %s authority is read and verified', async (type) => {
    const { data, publicKey, authorityKey } = await certificate(
      type,
      'ed25519',
      '-h',
      '-n',
      'db,*.example.com',
    );
    expect(isCertificate(data)).toBe(true);
    const parsed = parseHostCertificate(data);
    expect(parsed).toMatchObject({ keyType: 'ssh-ed25519', publicKey, authorityKey, keyId: 'the id' });
    expect(parsed.faultFor('db')).toBeUndefined();
    expect(parsed.faultFor('WEB.example.com')).toBeUndefined();
    expect(parsed.faultFor('web')).toMatch(/it is for/);
  });

  it('certifies keys of the curves of NIST, too', async () => {
    const { data, publicKey } = await certificate('ed25519', 'ecdsa', '-h', '-n', 'db');
    expect(parseHostCertificate(data)).toMatchObject({ keyType: 'ecdsa-sha2-nistp256', publicKey });
  });

  it('holds for its time only', async () => {
    const { data } = await certificate('ed25519', 'ed25519', '-h', '-n', 'db', '-V', '20250101:20260101');
    const { faultFor } = parseHostCertificate(data);
    expect(faultFor('db', new Date('2024-12-01'))).toMatch(/not valid yet/);
    expect(faultFor('db', new Date('2025-06-01'))).toBeUndefined();
    expect(faultFor('db', new Date('2026-02-01'))).toMatch(/expired/);
  });

  it('with a critical option is refused', async () => {
    const { data } = await certificate(
      'ed25519',
      'ed25519',
      '-h',
      '-n',
      'db',
      '-O',
      'critical:what@example.com=1',
    );
    expect(parseHostCertificate(data).faultFor('db')).toMatch(/critical/);
  });

  it('in which one bit was changed is never accepted', async () => {
    const { data, publicKey, authorityKey } = await certificate('ecdsa', 'ed25519', '-h', '-n', 'db');
    fc.assert(
      fc.property(fc.nat(data.length * 8 - 1), (bit) => {
        const damaged = Buffer.from(data);
        damaged[bit >> 3]! ^= 1 << (bit & 7);
        let accepted: boolean;
        try {
          const parsed = parseHostCertificate(damaged);
          accepted = parsed.faultFor('db') === undefined && parsed.authorityKey.equals(authorityKey);
          if (accepted) expect(parsed.publicKey.equals(publicKey)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          accepted = false;
        }
        expect(accepted).toBe(false);
      }),
      { numRuns: propertyRuns(300) },
    );
  });
});
