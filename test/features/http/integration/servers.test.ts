import { createServer as createHttpServer, type RequestListener, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { exchange } from '../../../../src/features/http/core/exchange';
import { type HttpOptions, requestBatch } from '../../../../src/features/http/core/httpBatch';
import type { HttpRequest } from '../../../../src/features/http/core/httpRequest';
import { Deadline } from '../../../../src/platform/batch/deadline';
import { LocalTransport } from '../../../../src/platform/transport/local/localTransport';
import {
  answering,
  leaveNothingOpen,
  listen,
  rawServer,
  useCertificates,
  webHost,
} from '../../checks/integration/fixtures';

leaveNothingOpen();
const transport = new LocalTransport();
afterAll(() => transport.dispose());

const whole: Omit<HttpRequest, 'url'> = {
  ...{ method: 'GET', headers: [], from: 'local', http2: true, maxRedirects: 0, compressed: false },
};

/** What comes of a request from this machine. */
async function ask(url: string, request: Partial<HttpRequest> = {}, options: Partial<HttpOptions> = {}) {
  const report = await requestBatch(
    [webHost],
    { ...whole, url, ...request },
    { concurrency: 1, transport, directory: '/', timeoutMs: 20_000, ...options },
  );
  return report.results[0]!;
}

/** The code of the error, and what it says. */
async function refusal(...request: Parameters<typeof ask>): Promise<string> {
  const { error, status } = await ask(...request);
  expect(status).toBe('failed');
  return `${error!.code} ${error!.phase}: ${error!.message}`;
}

const serve = (answer: RequestListener) => listen(createHttpServer(answer));
const urlOf = (port: number, path = '/') => `http://127.0.0.1:${port}${path}`;

describe('a response', () => {
  it('is reported with its status, headers, body and hash', async () => {
    const port = await serve((_, response) =>
      response.writeHead(404, 'Nothing Here', { 'X-A': ['1', '2'], 'set-cookie': 'sid=s3cr3t' }).end('höh\n'),
    );
    const { response, status, measurements } = await ask(urlOf(port));
    expect(status).toBe('ok');
    expect(response).toMatchObject({
      ...{ status: 404, statusText: 'Nothing Here', protocol: 'http/1.1', redirects: 0 },
      ...{ size: 5, truncated: false, body: 'höh\n' },
      headers: { 'x-a': ['1', '2'], 'set-cookie': '•••' },
    });
    const phases = measurements.filter(({ name }) => name === 'phase');
    expect(phases.map(({ attributes }) => attributes!.phase)).toEqual(['connect', 'wait', 'body']);
  });

  it('is a failure from the status on that is asked for, with all that came', async () => {
    const port = await serve((_, response) => response.writeHead(500).end('why'));
    const { response, status } = await ask(urlOf(port), {}, { failFrom: 400 });
    expect({ status, body: response!.body }).toEqual({ status: 'failed', body: 'why' });
  });

  it.each([
    ['HEAD', 200, { 'content-length': '5', 'content-encoding': 'gzip' }],
    ['GET', 204, {}],
    ['GET', 304, { 'content-encoding': 'gzip', etag: '"a"' }],
  ])('to %s with the status %i has no body', async (method, status, headers) => {
    const port = await serve((_, response) => response.writeHead(status, headers).end());
    const { response } = await ask(urlOf(port), { method });
    expect(response).toMatchObject({ status, size: 0, body: '' });
  });

  it('may come after interim ones', async () => {
    const port = await answering(
      'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
    );
    expect((await ask(urlOf(port))).response).toMatchObject({ status: 200, body: 'ok' });
  });

  it('may end with the connection, without a length', async () => {
    const port = await answering('HTTP/1.0 200 OK\r\n\r\nall of it');
    expect((await ask(urlOf(port))).response).toMatchObject({ body: 'all of it' });
  });

  it('that is not text is kept as it is', async () => {
    const port = await serve((_, response) => response.end(Buffer.from([255, 0])));
    expect((await ask(urlOf(port))).response).toMatchObject({ bodyBase64: '/wA=' });
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('in %s is decoded, asked for or not', async (encoding, compress) => {
    const port = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(compress('plain')),
    );
    expect((await ask(urlOf(port))).response).toMatchObject({ body: 'plain', size: 5 });
  });
});

it.each(['connection: close', 'connection: close\r\ncontent-length: 2000000'])(
  'An answer with %j is read to its end by whoever is slower than it comes',
  async (header) => {
    // The server has said all and closed before anything of it is read, as it can be over a shared connection.
    const stream = new Duplex({
      read: () => {},
      write: (_chunk, _encoding, done) => {
        done();
        void nextTurn().then(() => {
          stream.push(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n${'x'.repeat(2_000_000)}`);
          stream.push(null);
        });
      },
    });
    const hop = { url: new URL('http://localhost/'), method: 'GET', headers: [] };
    const { body } = await exchange({ stream, protocol: 'http/1.1' }, hop, new Deadline(0));
    let length = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      length += chunk.length;
      await nextTurn();
    }
    expect(length).toBe(2_000_000);
    expect(stream.destroyed).toBe(true);
  },
);

describe('a hostile server', () => {
  it('whose headers never end is left', async () => {
    const port = await rawServer((socket) =>
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const more = () => {
          while (!socket.destroyed && socket.write(`x-${'a'.repeat(1000)}: b\r\n`));
          if (!socket.destroyed) socket.once('drain', more);
        };
        more();
      }),
    );
    expect(await refusal(urlOf(port))).toBe('TOO_LARGE request: the answer has more than 256 KiB of headers');
  });

  it('whose body never ends is read as far as it is kept', async () => {
    const port = await serve((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(1000)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    const { response, status } = await ask(urlOf(port), {}, { maxBody: 5000 });
    expect(status).toBe('ok');
    expect(response).toMatchObject({ size: 5000, truncated: true, body: 'x'.repeat(5000) });
  });

  it('whose body swells is read as far as it is kept', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const port = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    );
    const { response } = await ask(urlOf(port), {}, { maxBody: 5000 });
    expect(response).toMatchObject({ size: 5000, truncated: true });
  });

  it.each([
    ['SSH-2.0-OpenSSH_9.2\r\n', /^PROTOCOL request: the answer is not HTTP: /],
    ['', /^RESET request: the service closed the connection without an answer$/],
    ['HTTP/1.1 200 OK\r\ncontent-le', /^RESET request: the service closed the connection without an answer$/],
    [
      'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfive!',
      /^RESET request: the service closed the connection in the middle of its answer$/,
    ],
    [
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfive!\r\n',
      /^RESET request: the service closed the connection in the middle of its answer$/,
    ],
    [
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      /^PROTOCOL request: the answer is not HTTP: /,
    ],
    [
      'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nfive!',
      /^PROTOCOL request: the answer is not HTTP: its length is not what Content-Length says$/,
    ],
    [
      'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nfive!',
      /^PROTOCOL request: the body cannot be decoded: Content-Encoding gzip$/,
    ],
    [
      'HTTP/1.1 200 OK\r\ncontent-encoding: lzw\r\ncontent-length: 5\r\n\r\nfive!',
      /^PROTOCOL request: the body cannot be decoded: Content-Encoding lzw$/,
    ],
    ...['100 Go On', '101 Other\r\nupgrade: x'].map((head): [string, RegExp] => [
      `HTTP/1.1 ${head}\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n`,
      /^PROTOCOL request: the answer is not HTTP: it (?:begins with an interim answer|cannot be read)/,
    ]),
  ])('that says %j is an error', async (answer, expected) => {
    expect(await refusal(urlOf(await answering(answer)))).toMatch(expected);
  });

  it('that never answers is left when time is up', async () => {
    const port = await rawServer(() => {});
    expect(await refusal(urlOf(port), {}, { timeoutMs: 200 })).toMatch(
      /^TIMEOUT request: no result within 200 ms: /,
    );
  });

  it('that hangs in its body is left when time is up', async () => {
    const port = await rawServer((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfive!')),
    );
    expect(await refusal(urlOf(port), {}, { timeoutMs: 200 })).toMatch(/^TIMEOUT request: /);
  });

  it('gets no second request where it closes the connection', async () => {
    let requests = 0;
    const port = await rawServer((socket) =>
      socket.once('data', () => {
        requests++;
        socket.end();
      }),
    );
    await refusal(urlOf(port));
    expect(requests).toBe(1);
  });

  it('that is not there is refused', async () => {
    expect(await refusal('http://127.0.0.1:1/')).toMatch(/^REFUSED connect: /);
  });

  it('cannot be given a second header in the value of one', async () => {
    await expect(ask('http://localhost/', { headers: [['x', 'a\r\ny: b']] })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('line break'),
    });
    await expect(ask('http://localhost/', { method: 'GET / HTTP/1.1\r\nx: y\r\n' })).rejects.toMatchObject({
      code: 'USAGE',
    });
    await expect(
      ask('http://localhost/', { headers: [['Transfer-Encoding', 'chunked']] }),
    ).rejects.toMatchObject({
      code: 'USAGE',
    });
  });
});

describe('a redirect', () => {
  const moved = (status: number, location: string) => (_: unknown, response: ServerResponse) =>
    void response.writeHead(status, { location }).end('moved');

  it('is an answer unless it is to be followed', async () => {
    const port = await serve(moved(302, '/b'));
    expect((await ask(urlOf(port))).response).toMatchObject({ status: 302, body: 'moved' });
  });

  it('to another origin gets none of what logs in, and the same origin all of it', async () => {
    const heard: unknown[] = [];
    const other = await serve((request, response) => {
      heard.push(request.headers.authorization, request.headers['x-mine'], request.headers['user-agent']);
      response.end('there');
    });
    const port = await serve((request, response) => {
      heard.push(request.headers.authorization);
      response
        .writeHead(302, { location: request.url === '/' ? '/b' : `http://u:p@localhost:${other}/` })
        .end();
    });
    const { response } = await ask(`http://me:secret@127.0.0.1:${port}/`, {
      ...{ maxRedirects: 5, headers: [['X-Mine', 'a']] },
    });
    expect(response).toMatchObject({ body: 'there', redirects: 2, url: `http://localhost:${other}/` });
    const basic = `Basic ${btoa('me:secret')}`;
    expect(heard).toEqual([basic, basic, undefined, undefined, 'muster']);
  });

  it('makes GET of POST, but for 307 and 308', async () => {
    const port = await serve((request, response) => {
      const [, status] = /^\/(\d+)/.exec(request.url!) ?? [];
      if (status) response.writeHead(Number(status), { location: '/end' }).end();
      else response.end(`${request.method} ${request.headers['content-length'] ?? 'none'}`);
    });
    const body = Buffer.from('abc');
    const after = async (status: number) =>
      (await ask(urlOf(port, `/${status}`), { method: 'POST', body, maxRedirects: 1 })).response!.body;
    expect([await after(301), await after(302), await after(303)]).toEqual(Array(3).fill('GET none'));
    expect([await after(307), await after(308)]).toEqual(Array(2).fill('POST 3'));
  });

  it.each([
    [307, 'http://localhost:9/', 'a redirect of the body to another origin, http://localhost:9'],
    [302, 'file:///etc/passwd', 'a redirect to file:///etc/passwd, which is not http or https'],
    [302, 'http://', 'a redirect to no URL: http://'],
    [307, '/', 'more than 3 redirects, the last to /'],
  ])('of status %i to %s is not followed', async (status, location, message) => {
    const port = await serve(moved(status, location));
    const request = { method: 'POST', body: Buffer.from('a'), maxRedirects: 3 };
    expect(await refusal(urlOf(port), request)).toBe(`PROTOCOL request: ${message}`);
  });
});

describe('https', () => {
  const certificates = useCertificates();
  const trusted = () => ({ directory: certificates.directory });
  const tls = { ca: 'ca.pem', insecure: false };
  const secure = (answer = 'over TLS', options = {}) => {
    const server: Http2SecureServer = createSecureServer(
      { allowHTTP1: true, ...certificates.server, ...options },
      (request, response) => void response.end(`${answer}, HTTP/${request.httpVersion}`),
    );
    return listen(server);
  };

  it('speaks HTTP/2 where the server does, and HTTP/1.1 where that is asked for', async () => {
    const port = await secure();
    const url = `https://127.0.0.1:${port}/`;
    expect((await ask(url, { tls }, trusted())).response).toMatchObject({
      ...{ protocol: 'h2', body: 'over TLS, HTTP/2.0', status: 200, statusText: '' },
    });
    expect((await ask(url, { tls, http2: false }, trusted())).response).toMatchObject({
      ...{ protocol: 'http/1.1', body: 'over TLS, HTTP/1.1' },
    });
  });

  it('sends bodies and takes long ones over HTTP/2', async () => {
    const server = createSecureServer(
      certificates.server,
      (request, response) => void request.pipe(response),
    );
    const port = await listen(server);
    const body = Buffer.alloc(3_000_000, 'x');
    const { response } = await ask(
      `https://127.0.0.1:${port}/`,
      { tls, method: 'POST', body },
      { ...trusted(), maxBody: 4_000_000 },
    );
    expect(response).toMatchObject({ size: 3_000_000, protocol: 'h2', truncated: false });
  });

  it('names what is wrong with a certificate', async () => {
    const port = await secure();
    expect(await refusal(`https://127.0.0.1:${port}/`)).toMatch(/^TLS tls: /);
    expect(await refusal(`https://localhost:${port}/`, { tls }, trusted())).toMatch(/^TLS tls: .*localhost/);
    const { response } = await ask(`https://localhost:${port}/`, { tls: { insecure: true } });
    expect(response).toMatchObject({ status: 200 });
  });

  it('says that a port does not speak it', async () => {
    const port = await serve((_, response) => response.end('plain'));
    expect(await refusal(`https://127.0.0.1:${port}/`)).toMatch(/^TLS tls: the TLS handshake failed: /);
    const silent = await answering('');
    expect(await refusal(`https://127.0.0.1:${silent}/`)).toMatch(
      /^RESET tls: the server closed the connection during the TLS handshake$/,
    );
  });

  it('is left when a server resets the stream, or goes away', async () => {
    const server = createSecureServer(certificates.server);
    server.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      if (headers[':path'] === '/reset') stream.close(2);
      else stream.session!.destroy();
    });
    const port = await listen(server);
    expect(await refusal(`https://127.0.0.1:${port}/reset`, { tls }, trusted())).toMatch(
      /^(?:PROTOCOL|RESET) request: /,
    );
    expect(await refusal(`https://127.0.0.1:${port}/gone`, { tls }, trusted())).toMatch(
      /^(?:PROTOCOL|RESET) request: /,
    );
  });

  it('is left when time is up in the handshake', async () => {
    const sockets: Socket[] = [];
    const port = await rawServer((socket) => sockets.push(socket));
    expect(await refusal(`https://127.0.0.1:${port}/`, {}, { timeoutMs: 200 })).toMatch(/^TIMEOUT tls: /);
    expect(sockets).toHaveLength(1);
  });

  it('shows its client certificate to the origin that was named alone', async () => {
    const asking = (answer: (name: string) => string | undefined) =>
      listen(
        createTlsServer(
          { ...certificates.server, requestCert: true, rejectUnauthorized: false },
          (socket) => {
            const name = String(socket.getPeerCertificate()?.subject?.CN ?? 'nobody');
            socket.once('data', () =>
              socket.end(`HTTP/1.1 ${answer(name) ?? `200 OK\r\nx-name: ${name}`}\r\n\r\n`),
            );
            socket.on('error', () => {});
          },
        ),
      );
    const other = await asking(() => undefined);
    const port = await asking(
      (name) => `302 Found\r\nx-name: ${name}\r\nlocation: https://127.0.0.1:${other}/`,
    );
    const names: (string | undefined)[] = [];
    const { response } = await ask(
      `https://127.0.0.1:${port}/`,
      { tls: { ...tls, cert: 'client.pem', key: 'client.key' }, maxRedirects: 1 },
      {
        ...trusted(),
        onExchange: (_, __, { headers }) => names.push(headers.find(([name]) => name === 'x-name')?.[1]),
      },
    );
    expect(response).toMatchObject({ status: 200, redirects: 1 });
    expect(names).toEqual(['prober', 'nobody']);
  });
});
