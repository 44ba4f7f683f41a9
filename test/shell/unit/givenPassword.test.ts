import { describe, expect, it } from 'vitest';
import { withPassword } from '../../../src/shell/cli/terminal/givenPassword';
import {
  type CredentialRequest,
  denyingAuthority,
  type SecretDestination,
} from '../../../src/platform/host/host';

const { signal } = new AbortController();
const here: SecretDestination = { fingerprint: 'SHA256:a', route: ['ops@10.0.0.1:22'], vouchedBy: 'user' };
const request = (destination: SecretDestination, subject = 'etcd sre@http://db:2379 through bastion') => ({
  ...({ kind: 'password', echo: false, retry: false, prompt: 'Password' } as const),
  subject,
  destination,
});

describe('a password that a program gives', () => {
  it.each<[string, CredentialRequest]>([
    ['server', request({ ...here, fingerprint: 'SHA256:b' })],
    ['way', request({ ...here, route: ['ops@192.0.2.1:22'] })],
    ['cluster', request(here, 'etcd sre@http://other:2379 through bastion')],
    ['login of SSH', request(here, 'sre@db:22')],
  ])('goes to the first that wants it, and to no other %s', async (_, other) => {
    const authority = withPassword(denyingAuthority, 'sesame');
    expect(await authority.credential(request(here), signal)).toBe('sesame');
    expect(await authority.credential(other, signal)).toBeUndefined();
    expect(await authority.credential(request(here), signal)).toBe('sesame');
  });
});
