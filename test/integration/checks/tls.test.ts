import { createServer, type TlsOptions } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { leaveNothingOpen, listen, probe, probeError, rawServer, useCertificates } from './fixtures';

leaveNothingOpen();

describe('a tls check', () => {
  const certificates = useCertificates();
  const serve = (options: TlsOptions) =>
    listen(createServer(options, (socket) => socket.on('error', () => {}).resume()));
  const options = () => ({ directory: certificates.directory });
  const check = (port: number, expectation = {}, more = {}) => ({
    port,
    ca: 'ca.pem',
    expect: expectation,
    ...more,
  });

  it('is healthy with a verified chain, and says for how long and with which protocol', async () => {
    const port = await serve(certificates.server);
    expect(await probe('tls', check(port), options())).toMatchObject({
      status: 'healthy',
      message: 'valid for 30 days, TLSv1.3',
      phases: { connect: expect.any(Number), tls: expect.any(Number), total: expect.any(Number) },
    });
  });

  it('is unhealthy or degraded when the certificate ends too soon', async () => {
    const port = await serve(certificates.server);
    const statusWith = async (validFor: unknown) =>
      (await probe('tls', check(port, { validFor }), options())).status;
    expect(await statusWith('29d')).toBe('healthy');
    expect(await statusWith('31d')).toBe('unhealthy');
    expect(await statusWith({ warn: '31d', critical: '7d' })).toBe('degraded');
  });

  it('notices an intermediate certificate that ends before the others', async () => {
    const port = await serve(certificates.chained);
    expect(await probe('tls', check(port, { validFor: '14d' }), options())).toMatchObject({
      status: 'unhealthy',
      message: expect.stringMatching(
        /^expected an intermediate certificate valid for 14 days, got 3 days \(until 20\d\d-/,
      ),
    });
  });

  it('judges protocol, ALPN, issuer and names', async () => {
    const port = await serve({ ...certificates.server, maxVersion: 'TLSv1.2', ALPNProtocols: ['h2'] });
    const messageWith = async (expectation: object) =>
      (await probe('tls', check(port, expectation), options())).message;
    expect(
      await messageWith({ protocol: 'TLSv1.2', alpn: 'h2', issuer: 'Muster lab', names: ['web-01.test'] }),
    ).toBe('valid for 30 days, TLSv1.2');
    expect(await messageWith({ protocol: 'TLSv1.3' })).toBe('expected TLSv1.3 or newer, got TLSv1.2');
    expect(await messageWith({ issuer: 'Other' })).toBe(
      'expected an issuer with "Other", got "Muster lab CA"',
    );
    expect(await messageWith({ names: ['a.test'] })).toBe(
      'expected a certificate for a.test, got DNS:web-01.test, IP Address:127.0.0.1',
    );
    const withoutAlpn = await serve(certificates.server);
    expect(await probe('tls', check(withoutAlpn, { alpn: 'h2' }), options())).toMatchObject({
      message: 'expected ALPN h2, got none',
    });
    expect(await probeError('tls', check(port, { alpn: 'spdy/1' }), options())).toMatchObject({
      code: 'TLS',
      hint: 'The server does not offer the protocol that expect.alpn names.',
    });
  });

  it.each([
    ['expired', {}, 'CERT_HAS_EXPIRED'],
    ['otherName', {}, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['server', { ca: 'stranger.pem' }, 'CERT_SIGNATURE_FAILURE'],
  ] as const)('refuses a bad chain (%s), unless insecure, which it warns of', async (kind, more, code) => {
    const port = await serve(certificates[kind]);
    expect(await probeError('tls', check(port, {}, more), options())).toMatchObject({
      code: 'TLS',
      phase: 'tls',
      hint: expect.stringMatching(/\.$/),
    });
    expect(await probe('tls', check(port, {}, { ...more, insecure: true }), options())).toMatchObject({
      status: 'healthy',
      warning: expect.stringMatching(
        new RegExp(`^certificate verification is off \\(insecure\\); it would fail: .*${code}`),
      ),
    });
  });

  it('still judges an expired certificate when insecure', async () => {
    const port = await serve(certificates.expired);
    const settings = check(port, { validFor: '14d' }, { insecure: true });
    expect(await probe('tls', settings, options())).toMatchObject({
      status: 'unhealthy',
      message: expect.stringContaining('got -0.5 days'),
    });
  });

  it('is a TLS error when the port speaks something else, a TIMEOUT when nothing', async () => {
    const ssh = await rawServer((socket) => void socket.write('SSH-2.0-OpenSSH_9.2\r\n'));
    expect(await probeError('tls', check(ssh), options())).toMatchObject({ code: 'TLS', phase: 'tls' });
    const silent = await rawServer(() => {});
    expect(await probeError('tls', check(silent), { ...options(), timeoutMs: 100 })).toMatchObject({
      code: 'TIMEOUT',
      phase: 'tls',
    });
    const closing = await rawServer((socket) => void socket.end());
    expect(await probeError('tls', check(closing), options())).toMatchObject({ code: 'RESET', phase: 'tls' });
  });
});
