import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SshdFarm } from '../../../harness/sshd';
import { failure, hostOn, poolFor, run } from './sshFixture';

describe('a server with few algorithms', () => {
  let farm: SshdFarm;

  beforeAll(async () => {
    farm = await SshdFarm.create();
  });
  afterAll(() => farm[Symbol.asyncDispose]());

  // ssh2's way takes 2.6 s of processor time with 3072 bits, and 44 s with 8192, during which nothing else happens.
  it.each(['aes128-gcm@openssh.com', 'aes256-ctr'])('is logged in to at little cost (%s)', async (cipher) => {
    const daemon = await farm.start({
      config: ['KexAlgorithms diffie-hellman-group-exchange-sha256', `Ciphers ${cipher}`],
    });
    await using pool = await poolFor(farm, [daemon]);
    const before = process.cpuUsage();
    const { stdout } = await run(pool, hostOn(farm, daemon), 'echo here');
    const { user, system } = process.cpuUsage(before);
    expect(stdout).toBe('here\n');
    expect((user + system) / 1000).toBeLessThan(1500);
  });

  it.each(['diffie-hellman-group-exchange-sha256', 'curve25519-sha256'])(
    'exchanges keys again while a command runs (%s)',
    async (kex) => {
      const daemon = await farm.start({ config: [`KexAlgorithms ${kex}`, 'RekeyLimit 64K'] });
      await using pool = await poolFor(farm, [daemon]);
      const { stdout, exitCode } = await run(
        pool,
        hostOn(farm, daemon),
        'head -c 300000 /dev/zero | tr "\\\\0" x',
      );
      expect({ exitCode, length: stdout.length }).toEqual({ exitCode: 0, length: 300_000 });
    },
  );

  it.each([
    ['a key exchange with SHA-1', 'KexAlgorithms diffie-hellman-group14-sha1'],
    ['a key exchange in a group of 1024 bits', 'KexAlgorithms diffie-hellman-group1-sha1'],
    ['a host key that signs with SHA-1', 'HostKeyAlgorithms ssh-rsa'],
    ['a cipher of 64-bit blocks', 'Ciphers 3des-cbc'],
    ['messages authenticated with MD5', 'MACs hmac-md5'],
  ])('is not logged in to where it offers nothing but %s', async (_, setting) => {
    const hostKeyTypes = setting.startsWith('HostKey') ? (['rsa'] as const) : undefined;
    // Ciphers with authentication of their own would need no MAC.
    const ciphers = setting.startsWith('MACs') ? ['Ciphers aes256-ctr'] : [];
    const daemon = await farm.start({ config: [setting, ...ciphers], ...(hostKeyTypes && { hostKeyTypes }) });
    await using pool = await poolFor(farm, [daemon]);
    const error = await failure(run(pool, hostOn(farm, daemon), 'true'));
    expect(error.phase).toBe('handshake');
    // Either side finds that out, and hangs up: the first one may be the server.
    expect(['PROTOCOL', 'RESET']).toContain(error.code);
    expect(daemon.logins).toBe(0);
  });
});
