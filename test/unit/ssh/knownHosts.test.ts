import { createHmac, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MusterError } from '../../../src/core/errors';
import { HostTrust } from '../../../src/core/ssh/hostTrust';
import { KnownHosts, knownHostsName } from '../../../src/core/ssh/knownHosts';
import { fingerprintOf, wireString } from '../../../src/core/ssh/sshWire';

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
  const file = new KnownHosts('known_hosts', text);
  return new HostTrust(
    await file.entriesFor(knownHostsName(host, port)),
    port === 22 ? [] : await file.entriesFor(knownHostsName(host, 22)),
  );
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
    expect((await trustIn(`# comment\n\n${text}\n`, 'db.example.com', port)).knows(key)).toBe(true);
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
    expect((await trustIn(text)).knows(key)).toBe(false);
  });

  it('names the lines that it passes over', () => {
    const file = new KnownHosts('known_hosts', `${entry('a')}\nnonsense\n# comment\n@what ${entry('b')}`);
    expect(file.unreadableLines).toEqual([2, 4]);
  });

  it('refuses a key that has changed, with both fingerprints and the line', async () => {
    const trust = await trustIn(`# first\n${entry('db.example.com', other)}`);
    const error = refusal(() => trust.knows(key));
    expect(error.code).toBe('HOST_KEY_MISMATCH');
    expect(error.message).toContain('known_hosts:2');
    expect(error.message).toContain(fingerprintOf(key));
    expect(error.message).toContain(fingerprintOf(other));
  });

  it('accepts each of several keys of a host', async () => {
    const trust = await trustIn(`${entry('db.example.com', other)}\n${entry('db.example.com')}`);
    expect(trust.knows(key)).toBe(true);
    expect(trust.knows(other)).toBe(true);
  });

  it('does not refuse what only an entry without a port contradicts', async () => {
    const trust = await trustIn(entry('db.example.com', other), 'db.example.com', 2222);
    expect(trust.knows(key)).toBe(false);
  });

  it('refuses a revoked key, however it is known', async () => {
    const trust = await trustIn(`${entry('db.example.com')}\n@revoked ${entry('*')}`);
    expect(refusal(() => trust.knows(key)).message).toMatch(/revoked by known_hosts:2/);
  });

  it('accepts no plain key for what a certificate authority stands for', async () => {
    const trust = await trustIn(`@cert-authority ${entry('*.example.com')}`);
    expect(trust.knows(key)).toBe(false);
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
