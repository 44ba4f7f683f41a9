import ssh2, { type ParsedKey } from 'ssh2';
import { describe, expect, it } from 'vitest';
import { generateEd25519 } from '../../../../src/features/lab/core/hostKeys';

describe('an Ed25519 key of the lab', () => {
  it('is read by ssh2, and both halves belong together, in every one of 500', async () => {
    const message = Buffer.from('message');
    for (let index = 0; index < 500; index++) {
      const { privateKey, publicKey } = await generateEd25519('web-01');
      const secret = ssh2.utils.parseKey(privateKey) as ParsedKey;
      const open = ssh2.utils.parseKey(publicKey) as ParsedKey;
      expect([secret, open]).not.toContainEqual(expect.any(Error));
      expect(open.verify(message, secret.sign(message))).toBe(true);
    }
  });

  it.each(['', 'a', 'ops@muster-lab', 'x'.repeat(100)])('carries the comment “%s”', async (comment) => {
    const { privateKey, publicKey } = await generateEd25519(comment);
    const parsed = ssh2.utils.parseKey(privateKey) as ParsedKey;
    expect([parsed.type, parsed.comment]).toEqual(['ssh-ed25519', comment]);
    expect(publicKey).toBe(`ssh-ed25519 ${parsed.getPublicSSH().toString('base64')} ${comment}`);
  });
});
