import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../../harness/ports';
import {
  answering,
  leaveNothingOpen,
  listen,
  name,
  probe,
  probeError,
  rawServer,
  useCertificates,
} from './fixtures';

const serve = (listener: RequestListener) => listen(createServer(listener));
const urlOf = (port: number, path = '/') => `http://{address}:${port}${path}`;

leaveNothingOpen();

describe('an http check', () => {
  it('is healthy on 2xx and 3xx, and tells the time of each phase', async () => {
    const port = await serve((_, response) => response.end('ok'));
    const { status, message, phases } = await probe('http', { url: urlOf(port) });
    expect({ status, message }).toEqual({
      status: 'healthy',
      message: expect.stringMatching(/^status 200 in [\d.]+ ms$/),
    });
    expect(Object.keys(phases!)).toEqual(['connect', 'firstByte', 'total']);
    expect(phases!.total).toBeGreaterThan(phases!.connect!);
  });

  it('looks names up, and tries every address of a name', async () => {
    const port = await serve((_, response) => response.end('ok'));
    const { status, phases } = await probe('http', { url: urlOf(port) }, { host: { address: 'localhost' } });
    expect(status).toBe('healthy');
    expect(phases).toHaveProperty('dns');
  });

  it('sends what it is told, with placeholders filled in', async () => {
    let seen:
      { method?: string; url?: string; headers: IncomingMessage['headers']; body: string } | undefined;
    const port = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        seen = { method: request.method, url: request.url, headers: request.headers, body };
        response.end();
      });
    });
    await probe('http', {
      url: `http://user:p%40ss@{address}:${port}/{label.path}?host={name}`,
      method: 'POST',
      headers: { 'X-Env': '{label.env}', Host: 'virtual.example' },
      body: '{"from":"{name}","ü":1}',
    });
    expect(seen).toMatchObject({
      method: 'POST',
      url: `/health?host=${name}`,
      body: `{"from":"${name}","ü":1}`,
      headers: {
        'x-env': 'prod',
        host: 'virtual.example',
        authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
        'accept-encoding': 'identity',
        connection: 'close',
      },
    });
  });

  it('judges status, headers, body, JSON and latency', async () => {
    const port = await serve((_, response) => {
      response.writeHead(503, { Server: 'nginx/1.22' });
      response.end('{"status":"down","queue":7}');
    });
    const messageOf = async (expectation: unknown) =>
      (await probe('http', { url: urlOf(port), expect: expectation })).message;
    expect(await messageOf({})).toBe('expected status 2xx or 3xx, got 503');
    expect(await messageOf({ status: [200, 204] })).toBe('expected status 200 or 204, got 503');
    expect(await messageOf({ status: '5xx' })).toMatch(/^status 503 in/);
    const status = 503;
    expect(await messageOf({ status, headers: { server: '^apache' } })).toBe(
      'expected header server matching /^apache/, got "nginx/1.22"',
    );
    expect(await messageOf({ status, body: 'up"' })).toBe(
      'expected a body with "up"", got "{"status":"down","queue":7}"',
    );
    expect(await messageOf({ status, bodyMatches: 'ready|ok' })).toMatch(/matching \/ready\|ok\//);
    expect(await messageOf({ status, json: { '$.status': 'up', '$.queue': { lt: 5 } } })).toBe(
      'expected $.status = "up", got "down"; expected $.queue < 5, got 7',
    );
    expect(
      await probe('http', { url: urlOf(port), expect: { status, json: { '$.queue': { warn: { lt: 5 } } } } }),
    ).toMatchObject({ status: 'degraded', mismatch: { expected: '$.queue < 5', actual: '7' } });
  });

  it('is degraded or unhealthy when the answer is slow', async () => {
    const port = await serve((_, response) => setTimeout(() => response.end('ok'), 60));
    const statusWith = async (maxLatency: unknown) =>
      (await probe('http', { url: urlOf(port), expect: { maxLatency } })).status;
    expect(await statusWith('20ms')).toBe('unhealthy');
    expect(await statusWith({ warn: '20ms', critical: '1m' })).toBe('degraded');
    expect(await statusWith('1m')).toBe('healthy');
  });

  it.each([
    ['gzip', gzipSync('the body')],
    ['br', brotliCompressSync('the body')],
  ])('reads a body that the server compresses unasked: %s', async (encoding, body) => {
    const port = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': encoding });
      response.end(body);
    });
    expect(await probe('http', { url: urlOf(port), expect: { body: 'the body' } })).toMatchObject({
      status: 'healthy',
    });
  });

  it('reads no more than maxBody, compressed or not, and says when that leaves something unjudged', async () => {
    const huge = Buffer.alloc(5_000_000, 'a');
    const port = await serve((request, response) => {
      const isPacked = request.url === '/packed';
      if (isPacked) response.setHeader('content-encoding', 'gzip');
      response.end(isPacked ? gzipSync(huge) : huge);
    });
    for (const path of ['/plain', '/packed']) {
      const settings = { url: urlOf(port, path), maxBody: 10_000 };
      expect(await probe('http', { ...settings, expect: { body: 'aaa' } })).toMatchObject({
        status: 'healthy',
      });
      expect(await probe('http', { ...settings, expect: { body: 'b' } })).toMatchObject({
        status: 'unhealthy',
        message: 'expected a body with "b", got more than the 10000 bytes that maxBody lets be judged',
      });
    }
  });

  it('closes the connection at once when an endless body has reached maxBody', async () => {
    const port = await rawServer((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        const pump = setInterval(() => socket.write(Buffer.alloc(10_000)), 1);
        socket.on('close', () => clearInterval(pump));
      });
    });
    expect(await probe('http', { url: urlOf(port), maxBody: 50_000 })).toMatchObject({ status: 'healthy' });
  });

  it('reads chunks that come one byte at a time', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n';
    const port = await rawServer((socket) => {
      socket.setNoDelay(true);
      socket.once('data', () => {
        const next = (at: number) => {
          if (at < answer.length) socket.write(answer[at]!, () => setImmediate(next, at + 1));
        };
        next(0);
      });
    });
    expect(await probe('http', { url: urlOf(port), expect: { body: 'ok' } })).toMatchObject({
      status: 'healthy',
    });
  });
});

describe('redirects', () => {
  it('are followed, also relative ones, up to five', async () => {
    const port = await serve((request, response) => {
      const step = Number(request.url!.slice(1));
      response.writeHead(step > 0 ? 302 : 200, step > 0 ? { location: String(step - 1) } : {});
      response.end(`step ${step}`);
    });
    expect(await probe('http', { url: urlOf(port, '/5'), expect: { body: 'step 0' } })).toMatchObject({
      status: 'healthy',
    });
    expect(await probeError('http', { url: urlOf(port, '/6') })).toMatchObject({
      code: 'PROTOCOL',
      message: 'more than 5 redirects, the last to 0',
    });
    expect(
      await probe('http', { url: urlOf(port, '/1'), followRedirects: false, expect: { status: 302 } }),
    ).toMatchObject({ status: 'healthy' });
  });

  it('hand the headers on within an origin, and none of them to another', async () => {
    const seen: IncomingMessage['headers'][] = [];
    const other = await serve((request, response) => {
      seen.push(request.headers);
      response.end('there');
    });
    const port = await serve((request, response) => {
      seen.push(request.headers);
      response.writeHead(307, { location: request.url === '/' ? '/away' : `http://127.0.0.1:${other}/` });
      response.end();
    });
    const secrets = { authorization: 'Bearer secret', cookie: 'a=b', 'x-api-key': 'secret' };
    await probe('http', { url: urlOf(port), headers: { ...secrets, Accept: 'text/plain' } });
    const [first, within, away] = seen;
    expect(first).toMatchObject(secrets);
    expect(within).toMatchObject(secrets);
    expect(Object.keys(away!).filter((header) => header in secrets)).toEqual([]);
    expect(away).toMatchObject({ accept: 'text/plain', host: `127.0.0.1:${other}` });
  });

  it.each([
    [301, 'GET', undefined],
    [303, 'GET', undefined],
    [307, 'POST', '4'],
    [308, 'POST', '4'],
  ])('with %i turn a POST into %s', async (status, method, length) => {
    let seen: IncomingMessage | undefined;
    const port = await serve((request, response) => {
      if (request.url === '/end') seen = request;
      response.writeHead(request.url === '/end' ? 200 : status, { location: '/end' });
      response.end();
    });
    await probe('http', {
      url: urlOf(port),
      method: 'POST',
      body: 'data',
      headers: { 'Content-Type': 'text/plain' },
    });
    expect(seen!.method).toBe(method);
    expect(seen!.headers['content-length']).toBe(length);
    expect(seen!.headers['content-type']).toBe(length && 'text/plain');
  });

  it.each(['ftp://127.0.0.1/', 'javascript:alert(1)', 'http://[', 'file:///etc/passwd'])(
    'to %s are refused',
    async (location) => {
      const port = await answering(
        `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`,
      );
      expect(await probeError('http', { url: urlOf(port) })).toMatchObject({
        code: 'PROTOCOL',
        phase: 'request',
      });
    },
  );
});

describe('an http check that gets no answer', () => {
  it('names a refused port, an unknown name and an unusable URL', async () => {
    expect(await probeError('http', { url: urlOf(await freePort()) })).toMatchObject({
      code: 'REFUSED',
      phase: 'connect',
      hint: expect.stringContaining('port'),
    });
    expect(await probeError('http', { url: `http://localhost:${await freePort()}/` })).toMatchObject({
      code: 'REFUSED',
      phase: 'connect',
      message: expect.stringContaining('ECONNREFUSED 127.0.0.1'),
    });
    const unknown = Array.from({ length: 3 }, () =>
      probeError('http', { url: 'http://no-such-host.invalid/' }),
    );
    for (const error of await Promise.all(unknown))
      expect(error).toMatchObject({ code: 'DNS', phase: 'dns' });
    expect(await probeError('http', { url: 'http://{address}:80{label.env}/' })).toMatchObject({
      code: 'INVENTORY',
    });
  });

  it('ends at its deadline when the server accepts and never speaks', async () => {
    let closed = 0;
    const port = await rawServer((socket) => void socket.on('close', () => closed++).resume());
    const startedAt = performance.now();
    expect(await probeError('http', { url: urlOf(port) }, { timeoutMs: 100 })).toMatchObject({
      code: 'TIMEOUT',
      phase: 'request',
      message: `no result within 100 ms: 127.0.0.1:${port} did not answer, or not to the end`,
      hint: 'The service is slow or hangs: check it, or try a longer timeout.',
    });
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  it('ends at its deadline when the answer trickles without end', async () => {
    const port = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const drip = setInterval(() => socket.write('x'), 5);
      socket.on('close', () => clearInterval(drip));
    });
    expect(await probeError('http', { url: urlOf(port) }, { timeoutMs: 150 })).toMatchObject({
      code: 'TIMEOUT',
    });
  });

  it('ends at once when it is cancelled, before or during the request', async () => {
    const cancel = new AbortController();
    const port = await rawServer((socket) => void socket.once('data', () => cancel.abort()));
    expect(await probeError('http', { url: urlOf(port) }, { signal: cancel.signal })).toMatchObject({
      code: 'CANCELLED',
      phase: 'request',
    });
    expect(await probeError('http', { url: urlOf(port) }, { signal: cancel.signal })).toMatchObject({
      code: 'CANCELLED',
      phase: 'connect',
    });
  });

  it.each([
    ['drops before the answer', '', 'without an answer'],
    ['drops in the headers', 'HTTP/1.1 200 OK\r\nA: b', 'in the middle of the headers'],
    ['drops in the body', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf', 'after 4 bytes of the body'],
  ])('says so when the server %s', async (_, answer, message) => {
    const port = await answering(answer);
    expect(await probeError('http', { url: urlOf(port) })).toMatchObject({
      code: 'RESET',
      phase: 'request',
      message: expect.stringContaining(message),
    });
  });

  it('says so when the server resets the connection', async () => {
    const port = await rawServer((socket) => void socket.once('data', () => socket.resetAndDestroy()));
    expect(await probeError('http', { url: urlOf(port) })).toMatchObject({ code: 'RESET', phase: 'request' });
  });

  it.each([
    ['another protocol', 'SSH-2.0-\x1b[31mOpenSSH\r\n', 'not an HTTP answer: "SSH-2.0-OpenSSH"'],
    [
      'contradictory framing',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'malformed HTTP answer: both Content-Length and Transfer-Encoding',
    ],
    ['an unknown encoding', 'HTTP/1.1 200 OK\r\nContent-Encoding: zz\r\n\r\nx', 'cannot be decoded'],
    ['a broken encoding', 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nx', 'cannot be decoded'],
  ])('is a PROTOCOL error on %s', async (_, answer, message) => {
    const port = await answering(answer);
    expect(await probeError('http', { url: urlOf(port), expect: { body: 'x' } })).toMatchObject({
      code: 'PROTOCOL',
      phase: 'request',
      message: expect.stringContaining(message),
    });
  });
});

describe('an https check', () => {
  const certificates = useCertificates();
  const secure = (certificate: { key: string; cert: string }, options = {}) =>
    listen(createHttpsServer({ ...certificate, ...options }, (_, response) => response.end('ok')));
  const check = (port: number, tls?: object, path = '/') => ({
    url: `https://{address}:${port}${path}`,
    tls,
  });
  const options = () => ({ directory: certificates.directory });

  it('verifies the chain with its own authority, and tells the time of the handshake', async () => {
    const port = await secure(certificates.server);
    const finding = await probe('http', check(port, { ca: 'ca.pem' }), options());
    expect(finding).toMatchObject({ status: 'healthy', phases: { tls: expect.any(Number) } });
    expect(finding).not.toHaveProperty('warning');
  });

  it('reads long answers whole', async () => {
    const body = 'line\n'.repeat(40_000) + 'end';
    const port = await listen(createHttpsServer(certificates.server, (_, response) => response.end(body)));
    const settings = {
      ...check(port, { ca: 'ca.pem' }),
      expect: { bodyMatches: '^(?:line\n){1000}', body: 'end' },
    };
    expect(await probe('http', settings, options())).toMatchObject({ status: 'healthy' });
  });

  it.each([
    ['an authority that nobody named', 'server', undefined, 'tls.ca'],
    ['another authority', 'server', { ca: 'stranger.pem' }, 'tls.ca'],
    ['an expired certificate', 'expired', { ca: 'ca.pem' }, 'Renew'],
    ['a certificate for another name', 'otherName', { ca: 'ca.pem' }, 'tls.serverName'],
    ['a name that the certificate lacks', 'server', { ca: 'ca.pem', serverName: 'db' }, 'tls.serverName'],
  ] as const)('refuses %s and says what to do', async (_, kind, tls, hint) => {
    const port = await secure(certificates[kind]);
    expect(await probeError('http', check(port, tls), options())).toMatchObject({
      code: 'TLS',
      phase: 'tls',
      hint: expect.stringContaining(hint),
      causes: [],
    });
    expect(await probe('http', check(port, { ...tls, insecure: true }), options())).toMatchObject({
      status: 'healthy',
      warning: 'certificate verification is off (insecure)',
    });
  });

  it('asks for and verifies the name that serverName gives', async () => {
    const seen: unknown[] = [];
    const server = createHttpsServer(certificates.server, (_, response) => response.end());
    server.on('secureConnection', (socket: { servername: unknown }) => seen.push(socket.servername));
    const port = await listen(server);
    await probe('http', check(port, { ca: 'ca.pem', serverName: '{name}' }), options());
    await probe('http', check(port, { ca: 'ca.pem' }), options());
    expect(seen).toEqual([name, false]);
  });

  it('presents a client certificate', async () => {
    const port = await secure(certificates.server, {
      requestCert: true,
      ca: certificates.authority.cert,
    });
    const client = { ca: 'ca.pem', cert: 'client.pem', key: 'client.key' };
    expect(await probe('http', check(port, client), options())).toMatchObject({ status: 'healthy' });
    expect(await probeError('http', check(port, { ca: 'ca.pem' }), options())).toMatchObject({
      code: 'TLS',
      hint: expect.stringContaining('client certificate'),
    });
  });

  it('is a TLS error when a file of it cannot be used', async () => {
    for (const tls of [{ ca: 'missing.pem' }, { ca: 'empty.pem' }, { cert: 'ca.pem', key: 'client.key' }]) {
      expect(await probeError('http', check(1, tls), options())).toMatchObject({ code: 'TLS', phase: 'tls' });
    }
  });

  it('is a TLS error when the port speaks plain HTTP', async () => {
    const plain = await serve((_, response) => response.end('ok'));
    expect(await probeError('http', check(plain), options())).toMatchObject({
      code: 'TLS',
      hint: 'The port does not speak TLS: check the port.',
    });
  });

  it('ends at its deadline in the middle of a handshake', async () => {
    const port = await rawServer(() => {});
    expect(await probeError('http', check(port), { timeoutMs: 100 })).toMatchObject({
      code: 'TIMEOUT',
      phase: 'tls',
      message: expect.stringContaining(`127.0.0.1:${port} took the connection, and did not complete the TLS`),
    });
  });

  it('is reached by a redirect from http, with the same trust', async () => {
    const port = await secure(certificates.server);
    const plain = await serve((_, response) => {
      response.writeHead(301, { location: `https://127.0.0.1:${port}/` });
      response.end();
    });
    const settings = { url: urlOf(plain), tls: { ca: 'ca.pem' }, expect: { body: 'ok' } };
    expect(await probe('http', settings, options())).toMatchObject({ status: 'healthy' });
  });
});
