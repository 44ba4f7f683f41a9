import { createHmac, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MusterError } from '../../../../src/platform/errors/errors';
import type { Voucher } from '../../../../src/platform/host/host';
import { HostTrust, type TrustLayer } from '../../../../src/platform/transport/ssh/trust/hostTrust';
import { addressSpellings } from '../../../../src/platform/transport/ssh/config/addressSpellings';
import type { HostCertificate } from '../../../../src/platform/transport/ssh/trust/hostCertificate';
import { KnownHosts, knownHostsName } from '../../../../src/platform/transport/ssh/trust/knownHosts';
import { fingerprintOf, wireString } from '../../../../src/platform/transport/ssh/sshWire';

function newKey(type = 'ssh-ed25519'): Buffer {
  const { publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  return Buffer.concat([wireString(type), wireString(raw)]);
}
const key = newKey();
const other = newKey();
const entry = (names: string, value = key, type = 'ssh-ed25519') =>
  `${names} ${type} ${value.toString('base64')}`;

function hashed(name: string): string {
  const salt = Buffer.from('a salt of twenty by.');
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
}

async function trustIn(text: string, host = 'db.example.com', port = 22): Promise<HostTrust> {
  return new HostTrust([await layer(text, 'user', host, port)]);
}

async function layer(
  text: string,
  vouchedBy: Voucher,
  host = 'db.example.com',
  port = 22,
): Promise<TrustLayer> {
  const file = new KnownHosts(vouchedBy === 'user' ? 'known_hosts' : 'of_the_project', text);
  return {
    exact: await file.entriesFor(knownHostsName(host, port)),
    withoutPort: port === 22 ? [] : await file.entriesFor(knownHostsName(host, 22)),
    vouchedBy,
  };
}

function refusal(work: () => unknown): MusterError {
  try {
    work();
  } catch (error) {
    if (error instanceof MusterError) return error;
  }
  throw new Error('it was not refused');
}

describe('a known_hosts file', () => {
  it.each([
    ['a name', entry('db.example.com'), 22],
    ['one of several names', entry('10.0.0.5,DB.example.com'), 22],
    ['a comment behind the key', `${entry('db.example.com')} added by hand`, 22],
    ['leading spaces, tabs and a carriage return', `  ${entry('db.example.com').replace(' ', '\t')}\r`, 22],
    ['a port', entry('[db.example.com]:2222'), 2222],
    ['any port', entry('db.example.com'), 2222],
    ['a wildcard', entry('*.example.com'), 22],
    ['a wildcard with a port', entry('[*.example.com]:2222'), 2222],
    ['a wildcard without what is excluded', entry('*.example.com,!web.example.com'), 22],
    ['a hashed name', entry(hashed('db.example.com')), 22],
    ['a hashed name with a port', entry(hashed('[db.example.com]:2222')), 2222],
  ])('knows a key by %s', async (_, text, port) => {
    expect((await trustIn(`# comment\n\n${text}\n`, 'db.example.com', port)).voucherOf(key)).toBe('user');
  });

  it.each([
    ['of another host', entry('web.example.com')],
    ['of another port', entry('[db.example.com]:2222')],
    ['that excludes the host', entry('*.example.com,!db.example.com')],
    ['that is commented out', `# ${entry('db.example.com')}`],
    ['with another hash', entry(hashed('web.example.com'))],
    ['of SSH 1', 'db.example.com 1024 35 1234567890'],
    ['whose key is of another type than it says', entry('db.example.com', key, 'ssh-rsa')],
    ['with a marker that nobody knows', `@trusted ${entry('db.example.com')}`],
    ['without a key', 'db.example.com ssh-ed25519'],
  ])('knows nothing from a line %s', async (_, text) => {
    expect((await trustIn(text)).voucherOf(key)).toBeUndefined();
  });

  it('names the lines that it passes over', () => {
    const file = new KnownHosts('known_hosts', `${entry('a')}\nnonsense\n# comment\n@what ${entry('b')}`);
    expect(file.unreadableLines).toEqual([2, 4]);
  });

  it('refuses a key that has changed, with both fingerprints and the line', async () => {
    const trust = await trustIn(`# first\n${entry('db.example.com', other)}`);
    const error = refusal(() => trust.voucherOf(key));
    expect(error.code).toBe('HOST_KEY_MISMATCH');
    expect(error.message).toContain('known_hosts:2');
    expect(error.message).toContain(fingerprintOf(key));
    expect(error.message).toContain(fingerprintOf(other));
  });

  it('accepts each of several keys of a host', async () => {
    const trust = await trustIn(`${entry('db.example.com', other)}\n${entry('db.example.com')}`);
    expect(trust.voucherOf(key)).toBe('user');
    expect(trust.voucherOf(other)).toBe('user');
  });

  it('does not refuse what only an entry without a port contradicts', async () => {
    const trust = await trustIn(entry('db.example.com', other), 'db.example.com', 2222);
    expect(trust.voucherOf(key)).toBeUndefined();
  });

  it('refuses a revoked key, however it is known', async () => {
    const trust = await trustIn(`${entry('db.example.com')}\n@revoked ${entry('*')}`);
    expect(refusal(() => trust.voucherOf(key)).message).toMatch(/revoked by known_hosts:2/);
  });

  it('accepts no plain key for what a certificate authority stands for', async () => {
    const trust = await trustIn(`@cert-authority ${entry('*.example.com')}`);
    expect(trust.voucherOf(key)).toBeUndefined();
    expect(trust.authorities).toHaveLength(1);
  });

  it('asks for the types of key first that it knows', async () => {
    const rsa = Buffer.concat([wireString('ssh-rsa'), wireString('e'), wireString('n')]);
    expect((await trustIn(entry('db.example.com', rsa, 'ssh-rsa'))).algorithms.slice(0, 3)).toEqual([
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-ed25519',
    ]);
    expect((await trustIn('')).algorithms).not.toContain('ssh-rsa');
  });

  it.each([
    ['holds binary data', 'a\0b'],
    ['revokes a key that cannot be read', '@revoked * ssh-ed25519 AAAA'],
  ])('is not taken for one when it %s', (_, text) => {
    expect(() => new KnownHosts('known_hosts', text)).toThrow();
  });

  it('with 20,000 hashed names is searched in turns', async () => {
    const line = entry(hashed('web.example.com'));
    const file = new KnownHosts(
      'known_hosts',
      `${`${line}\n`.repeat(20_000)}${entry(hashed('db.example.com'))}`,
    );
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    expect(await file.entriesFor('db.example.com')).toHaveLength(1);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  });
});

describe('known_hosts files of the user and of a project', () => {
  const trustOf = async (user: string, project: string, port = 22) =>
    new HostTrust([
      await layer(user, 'user', undefined, port),
      await layer(project, 'project', undefined, port),
    ]);
  const named = entry('db.example.com');
  const otherNamed = entry('db.example.com', other);
  const certificate = { publicKey: key, authorityKey: other } as HostCertificate;

  it('say who vouches for a key', async () => {
    expect((await trustOf(named, otherNamed)).voucherOf(key)).toBe('user');
    expect((await trustOf(named, named)).voucherOf(key)).toBe('user');
    expect((await trustOf('', named)).voucherOf(key)).toBe('project');
    expect((await trustOf('', '')).voucherOf(key)).toBeUndefined();
    expect((await trustOf('', entry('[db.example.com]:2222'), 2222)).voucherOf(key)).toBe('project');
  });

  it.each<[string, string, number]>([
    // It may be about another daemon of the host, so it contradicts nothing.
    ['a key for the bare name, and the port is another one', otherNamed, 2222],
    [
      'a hashed key for the bare name, and the port is another one',
      entry(hashed('db.example.com'), other),
      2222,
    ],
    ['an authority for the bare name, and the port is another one', `@cert-authority ${otherNamed}`, 2222],
    ['a key for a pattern, and the port is another one', entry('*.example.com', other), 2222],
    ...['ssh-dss', 'sk-ssh-ed25519@openssh.com', 'of-tomorrow'].map((type): [string, string, number] => [
      `a key of type ${type}`,
      entry('db.example.com', wireString(type), type),
      22,
    ]),
    ['a line whose key is cut off', otherNamed.slice(0, 'db.example.com ssh-ed25519 AAAA'.length), 22],
    ['a line without a key', 'db.example.com', 22],
    ['a line of SSH 1', 'db.example.com 1024 35 1234567890', 22],
    ['a line whose key is of another type than it says', entry('db.example.com', other, 'ssh-rsa'), 22],
    ['a line with an unknown marker', `@unknown ${named}`, 22],
    ['a line under a hashed name that cannot be read', `${hashed('db.example.com')} ssh-ed25519 AAAA`, 22],
    ['a line for a pattern that cannot be read', '*.example.com,!web.example.com ssh-ed25519 AAAA', 22],
    ['an authority that cannot be read', '@cert-authority *.example.com ssh-ed25519 AAAA', 22],
  ])('take nothing from the project where the user has %s', async (_, text, port) => {
    const project = `* ssh-ed25519 ${key.toString('base64')}\n@cert-authority ${entry('*', other)}`;
    const trust = await trustOf(text, project, port);
    expect(trust.voucherOf(key)).toBeUndefined();
    expect(trust.authorities.filter(({ file }) => file === 'of_the_project')).toEqual([]);
    expect((await trustOf('', project, port)).voucherOf(key)).toBe('project');
  });

  it.each([
    ['says something about other hosts only', entry('web.example.com,[db.example.com]:2223', other)],
    ['has a line about another host that cannot be read', 'web.example.com ssh-ed25519 AAAA'],
    ['revokes another key of every host', `@revoked ${entry('*', other)}`],
  ])('take a key from the project where the user %s', async (_, text) => {
    expect((await trustOf(text, entry('*'))).voucherOf(key)).toBe('project');
  });

  it.each([
    ['another key', otherNamed],
    ['a key of another type', entry('db.example.com', newKey('ecdsa-sha2-nistp256'), 'ecdsa-sha2-nistp256')],
    ['another key under a hashed name', entry(hashed('db.example.com'), other)],
    ['another key among several names', entry('web,db.example.com,10.0.0.5', other)],
    ['the key as a revoked one', `@revoked ${entry('*')}`],
  ])('refuse a key that the project vouches for where the user has %s', async (_, text) => {
    const trust = await trustOf(text, named);
    const error = refusal(() => trust.voucherOf(key));
    expect(error.code).toBe('HOST_KEY_MISMATCH');
    expect(error.message).toContain('known_hosts:1');
  });

  it('refuse a certificate of the project where the user has a key', async () => {
    const authority = `@cert-authority ${entry('*', other)}`;
    const trust = await trustOf(entry('db.example.com', newKey()), authority);
    expect(refusal(() => trust.voucherOfCertificate(certificate)).code).toBe('HOST_KEY_MISMATCH');
    expect(trust.authorities).toEqual([]);
    expect((await trustOf('', authority)).voucherOfCertificate(certificate)).toBe('project');
    expect((await trustOf(authority, '')).voucherOfCertificate(certificate)).toBe('user');
  });

  it('take nothing from the project where the user has an authority for the host', async () => {
    const trust = await trustOf(
      `@cert-authority ${entry('*', newKey())}`,
      `${named}\n@cert-authority ${otherNamed}`,
    );
    expect(trust.voucherOf(key)).toBeUndefined();
    expect(trust.voucherOfCertificate(certificate)).toBeUndefined();
    expect(trust.authorities.map(({ file }) => file)).toEqual(['known_hosts']);
  });

  it('let the project revoke a key of the user', async () => {
    const trust = await trustOf(named, `@revoked ${named}`);
    expect(refusal(() => trust.voucherOf(key)).message).toContain('revoked by of_the_project:1');
  });

  it('ask for the types of key first that the user knows', async () => {
    const rsa = Buffer.concat([wireString('ssh-rsa'), wireString('e'), wireString('n')]);
    expect((await trustOf(entry('db.example.com', rsa, 'ssh-rsa'), named)).algorithms.slice(0, 3)).toEqual([
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-ed25519',
    ]);
  });
});

describe('an address', () => {
  it.each([
    ['10.0.0.5', []],
    ['DB.example.com.', ['db.example.com']],
    ['0x0a000005', ['10.0.0.5']],
    ['10.5', ['10.0.0.5']],
    ['012.0.0.05', ['10.0.0.5']],
    ['::ffff:10.0.0.5', ['10.0.0.5']],
    ['::ffff:a00:5', ['10.0.0.5']],
    ['2001:DB8:0:0::1', ['2001:db8::1']],
    ['fe80:0::1%zone9', ['fe80::1%zone9', 'fe80::1']],
    ['::1%1', ['::1']],
    ['::ffff:10.0.0.5%1', ['10.0.0.5']],
    ['0', ['0.0.0.0', '127.0.0.1']],
    ['0:0::0', ['::', '::1']],
    ['::ffff:0:0', ['0.0.0.0', '127.0.0.1']],
    ['1.2.3.400', []],
    ['db-1', []],
  ])('written %s is looked up as it is usually written, too', (address, others) => {
    expect(addressSpellings(address)).toEqual([address.toLowerCase(), ...others]);
  });
});
