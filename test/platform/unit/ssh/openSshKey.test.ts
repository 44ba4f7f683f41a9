import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { utils } from 'ssh2';
import { describe, expect, it } from 'vitest';
import { parseEncryptedOpenSshKey } from '../../../../src/platform/transport/ssh/auth/openSshKey';
import { keyType } from '../../../harness/sshd';

const execute = promisify(execFile);

async function keyFile(...options: string[]): Promise<{ text: string; publicText: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-key-'));
  const file = path.join(folder, 'key');
  await execute('ssh-keygen', ['-q', '-f', file, ...options]);
  const [text, publicText] = await Promise.all([readFile(file, 'utf8'), readFile(`${file}.pub`, 'utf8')]);
  await rm(folder, { recursive: true });
  return { text, publicText };
}

describe('an encrypted key of OpenSSH', () => {
  it.each([
    ['ed25519', 'aes256-ctr', '4'],
    ['rsa', 'aes256-ctr', '2'],
    ['ecdsa', 'aes128-cbc', '1'],
  ])('(%s, %s, %s rounds) is decrypted as ssh2 decrypts it', async (type, cipher, rounds) => {
    const { text, publicText } = await keyFile(...keyType(type), '-Z', cipher, '-a', rounds, '-N', 'sésame');
    const key = parseEncryptedOpenSshKey(text)!;
    expect(key.publicKey.toString('base64')).toBe(publicText.split(' ')[1]);
    expect(await key.decrypt('wrong')).toBeUndefined();
    const plain = utils.parseKey((await key.decrypt('sésame'))!);
    const reference = utils.parseKey(text, 'sésame');
    if (plain instanceof Error || reference instanceof Error) throw new Error('not decrypted');
    expect(plain.getPrivatePEM()).toBe(reference.getPrivatePEM());
  });

  it('is decrypted in turns, which leave the event loop free', async () => {
    const { text } = await keyFile('-t', 'ed25519', '-a', '4', '-N', 'secret');
    let turns = 0;
    let done = false;
    const turn = () => {
      turns++;
      if (!done) setImmediate(turn);
    };
    turn();
    await parseEncryptedOpenSshKey(text)!.decrypt('secret');
    done = true;
    // A key and an initialisation vector take two blocks of four rounds.
    expect(turns).toBeGreaterThanOrEqual(8);
  });

  it('is none when it is not encrypted, or in another format', async () => {
    const { text } = await keyFile('-t', 'ed25519', '-N', '');
    expect(parseEncryptedOpenSshKey(text)).toBeUndefined();
    expect(parseEncryptedOpenSshKey('-----BEGIN RSA PRIVATE KEY-----')).toBeUndefined();
  });

  it('that is damaged never throws', async () => {
    const { text } = await keyFile('-t', 'ed25519', '-a', '1', '-N', 'secret');
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), (place, junk) => {
        const damaged = text.slice(0, place) + junk + text.slice(place + 1);
        expect(() => parseEncryptedOpenSshKey(damaged)).not.toThrow();
      }),
    );
  });
});
