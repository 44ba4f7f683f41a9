import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { join } from 'node:path';
import { createServer, type TlsOptions, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { accepts, freePort } from '../../../harness/ports';
import { until } from '../../../harness/until';
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

  it('says that a port which answers with plain HTTP does not speak TLS, without the words of OpenSSL', async () => {
    const port = await listen(createHttpServer((_, response) => response.end('ok')));
    const error = await probeError('tls', check(port), options());
    expect(error.message).toMatch(
      /^the TLS handshake failed: (wrong version number|packet length too long|http request)$/,
    );
    expect(error).toMatchObject({ code: 'TLS', hint: 'The port does not speak TLS: check the port.' });
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

describe('a tls check of a server that asks for a client certificate', () => {
  const certificates = useCertificates();
  const options = () => ({ directory: certificates.directory });
  const nobody = (port: number) => ({ port, ca: 'ca.pem' });
  const known = (port: number) => ({ ...nobody(port), cert: 'client.pem', key: 'client.key' });
  const stranger = (port: number) => ({ ...nobody(port), cert: 'stranger.pem', key: 'stranger.key' });
  const serve = (more: TlsOptions, answer: (socket: TLSSocket) => void = () => {}) => {
    const server = createServer(
      { ...certificates.server, ca: certificates.authority.cert, requestCert: true, ...more },
      (socket) => answer(socket.on('error', () => {}).resume()),
    );
    return listen(server);
  };

  it.each([
    ['TLSv1.3', 'the server refused with the TLS alert “certificate required”'],
    ['TLSv1.2', 'the server refused with the TLS alert “handshake failure”'],
  ] as const)('is unhealthy without one, however late %s says so', async (version, message) => {
    const port = await serve({ maxVersion: version });
    expect(await probeError('tls', nobody(port), options())).toMatchObject({
      code: 'TLS',
      phase: 'tls',
      message,
      hint: expect.stringContaining('client certificate'),
    });
    expect(await probe('tls', known(port), options())).toMatchObject({
      status: 'healthy',
      message: `valid for 30 days, ${version}`,
    });
  });

  it.each([
    ['TLSv1.3', 'TLS', 'the server asked for a client certificate, got this one, and closed the connection'],
    ['TLSv1.2', 'RESET', 'the server closed the connection during the TLS handshake'],
  ] as const)('is unhealthy with one that %s servers hang up on', async (maxVersion, code, message) => {
    const port = await serve({ maxVersion });
    expect(await probeError('tls', stranger(port), options())).toMatchObject({
      code,
      phase: 'tls',
      message,
      hint: expect.stringMatching(/ cert and key\.$/),
    });
  });

  it.each(['TLSv1.3', 'TLSv1.2'] as const)('is healthy where one is not needed (%s)', async (maxVersion) => {
    for (const greeting of ['', 'hello']) {
      const port = await serve({ rejectUnauthorized: false, maxVersion }, (socket) => socket.write(greeting));
      const finding = await probe('tls', nobody(port), options());
      expect(finding).toMatchObject({ status: 'healthy' });
      expect(finding).not.toHaveProperty('warning');
    }
  });

  it('is unhealthy when the connection is reset instead of refused', async () => {
    const port = await serve({ rejectUnauthorized: false }, (socket) =>
      (socket as unknown as { _parent: Socket })._parent.resetAndDestroy(),
    );
    expect(await probeError('tls', nobody(port), options())).toMatchObject({
      code: 'TLS',
      message: 'the server asked for a client certificate, got none, and closed the connection',
    });
  });

  describe('as OpenSSL serves it', () => {
    const ended: (() => Promise<unknown>)[] = [];
    afterEach(() => Promise.all(ended.splice(0).map((end) => end())));

    async function openssl(...more: string[]): Promise<number> {
      const port = await freePort();
      const { directory, server, authority } = certificates;
      await writeFile(join(directory, 'server.pem'), `${server.cert}\n${server.key}`);
      await writeFile(join(directory, 'authority.pem'), authority.cert);
      const files = ['-cert', 'server.pem', '-CAfile', 'authority.pem'];
      const child = spawn('openssl', ['s_server', '-accept', `127.0.0.1:${port}`, ...files, ...more], {
        cwd: directory,
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      ended.push(() => {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        return gone;
      });
      await until('openssl s_server listens', () => accepts(port));
      return port;
    }

    it.each(['-tls1_3', '-tls1_2'])('is unhealthy unless it is the right one (%s)', async (version) => {
      const port = await openssl(version, '-Verify', '2', '-verify_return_error');
      for (const settings of [nobody(port), stranger(port)]) {
        expect(await probeError('tls', settings, options())).toMatchObject({
          code: 'TLS',
          phase: 'tls',
          message: expect.stringMatching(/^the server refused with the TLS alert “[a-z ]+”$/),
          hint: expect.stringContaining('client certificate'),
        });
      }
      expect(await probe('tls', known(port), options())).toMatchObject({ status: 'healthy' });
    });

    it('waits for one that says nothing, which counts neither as latency nor as too late', async () => {
      const port = await openssl('-tls1_3', '-verify', '2', '-num_tickets', '0');
      const startedAt = performance.now();
      const finding = await probe('tls', nobody(port), options());
      expect(finding).toMatchObject({ status: 'healthy', latencyMs: finding.phases!.total });
      expect(finding.latencyMs! + 499).toBeLessThan(performance.now() - startedAt);
      expect(finding).not.toHaveProperty('warning');
    });

    it('says so when time was up first', async () => {
      const port = await openssl('-tls1_3', '-verify', '2', '-num_tickets', '0');
      const finding = await probe('tls', nobody(port), { ...options(), timeoutMs: 400 });
      expect(finding).toMatchObject({
        status: 'healthy',
        warning:
          'the server asked for a client certificate, and time was up before it could refuse this client',
      });
    });
  });
});
