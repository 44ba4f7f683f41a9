import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, issueServerCertificate } from '../../../../src/features/lab/core/certificates';
import { type CliOptions, muster, startMuster, startOnTerminal } from '../../../harness/musterCli';
import { SshdFarm } from '../../../harness/sshd';
import { sshdInventory } from '../../../harness/sshdInventory';
import { scratchFolder } from '../../../harness/scratchFolder';
import { until } from '../../../harness/until';
import { untilTestEnds } from '../../../harness/untilTestEnds';

let farm: SshdFarm;
let inventory: string;
const servers: Server[] = [];

beforeAll(async () => {
  farm = await SshdFarm.create();
  const daemon = await farm.start();
  const files = await sshdInventory(
    farm,
    ['web-1', 'web-2', 'web-3', 'locked'].map((name) => ({ name, daemon })),
    'groups:\n  frozen: { hosts: [locked], readOnly: true }\n',
  );
  await farm.write('known_hosts', files.known_hosts);
  inventory = await farm.write('muster.yaml', files['muster.yaml']);
});

afterAll(async () => {
  for (const server of servers) server.close();
  await farm[Symbol.asyncDispose]();
});

const http = (words: readonly string[], options?: CliOptions) =>
  muster(['http', '-i', inventory, ...words], options);

async function listening(server: Server): Promise<string> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `localhost:${(server.address() as AddressInfo).port}`;
}

/** Where a server listens that hears of each request, and answers it. */
async function serve(answer: RequestListener): Promise<{ place: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const place = await listening(
    createServer((request, response) => {
      asked.push(request);
      answer(request, response);
    }),
  );
  return { place, asked };
}

const plain = (body: string) => (_: IncomingMessage, response: ServerResponse) =>
  void response.writeHead(200, { 'content-type': 'text/plain' }).end(body);

describe('a request from one host', () => {
  it('leaves from the host itself, and its body is written byte by byte', async () => {
    const bytes = Buffer.from([0, 255, 27, 91, 51, 49, 109, 10]);
    const { place, asked } = await serve((_, response) => response.end(bytes));
    const child = startMuster(['http', '-i', inventory, 'web-1', `http://${place}/a?b=c`]);
    child.stdin.end();
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    const [status] = (await once(child, 'close')) as [number];
    expect({ status, body: Buffer.concat(chunks) }).toEqual({ status: 0, body: bytes });
    expect(asked.map(({ method, url, headers }) => [method, url, headers.host, headers.accept])).toEqual([
      ['GET', '/a?b=c', place, '*/*'],
    ]);
  });

  it('understands one dash before long options, as programs of Go take them', async () => {
    const { place, asked } = await serve((request, response) => void request.pipe(response));
    const words = ['web-1', '-m', 'PUT', '-json', '{"a":1}', '-url', `http://${place}/`];
    expect(await http(words)).toEqual({ stdout: '{"a":1}', status: 0, stderr: '' });
    expect(asked[0]).toMatchObject({ method: 'PUT', headers: { 'content-type': 'application/json' } });
  });

  it('posts data, of files and of our own input, and forms', async () => {
    const { place, asked } = await serve((request, response) => void request.pipe(response));
    const echo = (...words: string[]) => http(['web-1', place, ...words], { input: 'of input' });
    const file = await farm.write('field.txt', 'of a file\n');
    expect((await echo('-d', 'a=1', '-d', `@${file}`, '-d', '@-')).stdout).toBe('a=1&of a file\n&of input');
    expect(asked[0]!.headers['content-type']).toBe('application/x-www-form-urlencoded');
    const { stdout } = await echo('--form', 'a=1', '--form', `b=@${file}`);
    const [, boundary] = /^multipart\/form-data; boundary=(.+)$/.exec(asked[1]!.headers['content-type']!)!;
    expect(stdout.split(`--${boundary}`).slice(1, -1)).toEqual([
      '\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n',
      '\r\nContent-Disposition: form-data; name="b"; filename="field.txt"\r\nContent-Type: application/octet-stream\r\n\r\nof a file\n\r\n',
    ]);
    expect(asked.map(({ method }) => method)).toEqual(['POST', 'POST']);
  });

  it('takes headers from words and files, and leaves out those that are empty', async () => {
    const { place, asked } = await serve(plain(''));
    const file = await farm.write('headers', 'Authorization: Bearer s3cr3t-t0ken\n\nX-A: 1\n');
    await http(['web-1', place, '-H', `@${file}`, '-H', 'X-A: 2', '-H', 'Accept:', '-H', 'X-Empty;']);
    const { headers } = asked[0]!;
    expect(headers).toMatchObject({ authorization: 'Bearer s3cr3t-t0ken', 'x-a': '1, 2', 'x-empty': '' });
    expect(headers).not.toHaveProperty('accept');
  });

  it('with -v shows what was said on standard error, without what logs in unless that is asked for', async () => {
    const { place } = await serve((_, response) =>
      response
        .writeHead(200, { 'set-cookie': 'sid=5e55i0n', 'x-title': 'a\x1b]0;b\x07'.slice(0, 1) })
        .end('body'),
    );
    const words = ['web-1', `http://me:pa55word@${place}/?token=t0k3n-t0k3n`, '-v'];
    const { stdout, stderr } = await http(words);
    expect(stdout).toBe('body');
    expect(stderr).toContain('> GET /?token=••• HTTP/1.1\n');
    expect(stderr).toContain('> authorization: •••\n');
    expect(stderr).toContain('< HTTP/1 200 OK\n');
    expect(stderr).toContain('< set-cookie: •••\n');
    expect(stderr).not.toMatch(/pa55word|t0k3n|5e55i0n/);
    const shown = await http([...words, '--show-secrets', '--include']);
    expect(shown.stderr).toContain(`> authorization: Basic ${btoa('me:pa55word')}\n`);
    expect(shown.stdout).toMatch(/^HTTP\/1 200 OK\nset-cookie: sid=5e55i0n\n[^]*\n\nbody$/);
  });

  it('fails for a status only where that is asked for', async () => {
    const { place } = await serve((_, response) => response.writeHead(503).end('no'));
    expect(await http(['web-1', place])).toMatchObject({ status: 0, stdout: 'no', stderr: '' });
    expect(await http(['web-1', place, '-f'])).toMatchObject({
      ...{ status: 1, stdout: 'no', stderr: 'muster: web-1: the status is 503 Service Unavailable\n' },
    });
  });

  it('reaches a unix socket of the host, and of this machine', async () => {
    const socket = join(farm.directory, 'app.sock');
    const server = createServer((request, response) => response.end(`${request.headers.host} by socket`));
    servers.push(server);
    await once(server.listen(socket), 'listening');
    const words = ['http://app/x', '--unix-socket', socket];
    expect((await http(['web-1', ...words])).stdout).toBe('app by socket');
    expect((await http(['--from', 'local', ...words])).stdout).toBe('app by socket');
  });

  it('from this machine needs no inventory', async () => {
    const { place, asked } = await serve(plain('here'));
    const words = ['http', '--from', 'local', 'DELETE', place];
    expect(await muster(words, { cwd: '/' })).toMatchObject({ status: 0, stdout: 'here', stderr: '' });
    expect(asked[0]!.method).toBe('DELETE');
  });

  it('names what failed, and by whose doing', async () => {
    const refused = await http(['web-1', 'http://127.0.0.1:1/']);
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^muster: web-1: REFUSED: /);
    const unknown = await http(['web-1', 'http://no-such-name.invalid/']);
    expect(unknown.stderr).toMatch(/^muster: web-1: DNS: /);
  });

  it.each([
    [['http://localhost/'], 'from which hosts? '],
    [['web-1', 'localhost', '-H', 'X: a\nY: b'], 'line break'],
    [['web-1', '{label.none}'], '{label.none} has no value for host web-1'],
  ])('%j is refused before anything is connected to', async (words, message) => {
    const { status, stdout, stderr } = await http(words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('is written to a terminal as text that is harmless there, or as it is', async () => {
    const { place } = await serve(plain('\x1b]0;owned\x07\x1b[2Jred'));
    const shown = await text(startOnTerminal(['http', '-i', inventory, 'web-1', place]).stdout);
    expect(shown).toBe('red\r\n');
    const raw = await text(startOnTerminal(['http', '-i', inventory, 'web-1', place, '--raw']).stdout);
    expect(raw).toBe('\x1b]0;owned\x07\x1b[2Jred');
  });

  it('is streamed: what was written is not held in memory', async () => {
    const size = 128 * 1024 ** 2;
    const { place } = await serve((_, response) => {
      const piece = Buffer.alloc(1024 ** 2, 'x');
      let left = size;
      // The last byte is sent when the memory was looked at.
      const more = () => {
        while (left > piece.length) {
          left -= piece.length;
          if (!response.write(piece)) return void response.once('drain', more);
        }
        response.write(piece.subarray(0, left - 1));
      };
      response.writeHead(200, { 'content-length': size });
      held = () => response.end('x');
      more();
    });
    let held = () => {};
    const child = startMuster(['http', '-i', inventory, 'web-1', place]);
    child.stdin.end();
    let received = 0;
    child.stdout.on('data', (chunk: Buffer) => (received += chunk.length));
    const ended = once(child, 'close');
    await until('all but the last byte was written', () => received === size - 1);
    const [, peak] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))!;
    held();
    expect(await ended).toEqual([0, null]);
    expect(Number(peak) / 1024).toBeLessThan(220);
  });
});

describe('a request from many hosts', () => {
  const isSecond = (request: IncomingMessage) => request.url!.includes('web-2');

  it('is folded by status, headers and body, and summed up in a line', async () => {
    const { place } = await serve((request, response) => {
      response.writeHead(isSecond(request) ? 502 : 200, { 'x-request-id': `${Math.random()}` });
      response.end(isSecond(request) ? 'bad gateway' : 'fine\n');
    });
    const { stdout, status } = await http(['web-*', `${place}/{name}`]);
    expect(status).toBe(0);
    const rule = '-'.repeat(16);
    expect(stdout.replace(/ in [\d.]+ s, trace \w+/, '')).toBe(
      [
        ...[rule, 'web-2 (1) 502 Bad Gateway', rule, 'bad gateway'],
        ...[rule, 'web-[1,3] (2) 200 OK', rule, 'fine', ''],
        '2 hosts: 200, same body; 1: 502\n',
      ].join('\n'),
    );
  });

  it('tells headers apart, and shows what differs in bodies', async () => {
    const { place } = await serve((request, response) => {
      if (isSecond(request)) response.setHeader('x-version', '2');
      response.end(request.url!.includes('web-3') ? 'a\nother\nc\n' : 'a\nb\nc\n');
    });
    const { stdout } = await http(['web-*', `${place}/{name}`, '--diff', '--timing']);
    expect(stdout).toContain('-b\n+other\n');
    expect(stdout).toContain('[the same body as web-1]');
    expect(stdout).toMatch(/3 hosts: 200, 2 bodies/);
    expect(stdout).toMatch(
      /HOST +OUTCOME +SSH ms +CONNECT ms +TLS ms +WAIT ms +BODY ms +TOTAL ms\nweb-\d +200 OK +[\d.]+ +[\d.]+ +- /,
    );
  });

  it('is given to programs as JSON, whole or line by line', async () => {
    const { place } = await serve(plain('{"a":1}'));
    const { stdout } = await http(['web-[1-2]', place, '--format', 'json']);
    const report = JSON.parse(stdout) as { results: object[]; summary: object };
    expect(report.summary).toMatchObject({ total: 2, ok: 2 });
    expect(report.results[1]).toMatchObject({
      ...{ host: 'web-2', status: 'ok' },
      response: {
        status: 200,
        protocol: 'http/1.1',
        headers: { 'content-type': 'text/plain' },
        body: '{"a":1}',
      },
    });
    const lines = (await http(['web-[1-2]', place, '--ndjson', '--json', '{}'])).stderr;
    expect(lines).toContain('There is nobody to ask');
    const sent = (await http(['web-[1-2]', place, '--ndjson', '--json', '{}', '--yes'])).stdout
      .trim()
      .split('\n');
    expect(sent.map((line) => (JSON.parse(line) as { host: string }).host).sort()).toEqual([
      'web-1',
      'web-2',
    ]);
  });

  it('asks before it changes anything on several hosts, and refuses those that are read-only', async () => {
    const { place, asked } = await serve(plain('done'));
    const words = ['POST', `http://${place}/`];
    const alone = await http(['web-*', ...words], { detached: true });
    expect(alone).toMatchObject({ status: 2, stdout: '' });
    expect(alone.stderr).toContain(
      `Send POST http://${place}/ from 3 hosts: web-[1-3]? There is nobody to ask: give --yes.`,
    );
    const locked = await http(['locked', ...words, '--yes']);
    expect(locked).toMatchObject({ status: 2, stdout: '' });
    expect(locked.stderr).toContain('locked is read-only');
    expect(asked).toEqual([]);
    const child = startOnTerminal(['http', '-i', inventory, 'web-*', ...words]);
    let shown = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (shown += chunk));
    await until('it asks', () => shown.includes('[y/N]'));
    child.stdin.write('n\n');
    await once(child, 'close');
    expect(shown).toContain('Nothing was sent.');
    expect(asked).toEqual([]);
    expect(await http(['web-*', ...words, '--confirm-over', '3'])).toMatchObject({ status: 0 });
    expect(await http(['locked', `http://${place}/`])).toMatchObject({ status: 0 });
    expect(asked.map(({ method }) => method)).toEqual(['POST', 'POST', 'POST', 'GET']);
  });

  it('keeps its answers where some hosts have none', async () => {
    const { place } = await serve((request, response) => {
      if (isSecond(request)) request.socket.destroy();
      else response.end('fine');
    });
    const { stdout, status } = await http(['web-*', `${place}/{name}`]);
    expect(status).toBe(1);
    expect(stdout).toContain('web-2 (1) RESET');
    expect(stdout).toMatch(/2 hosts: 200, same body; 1: RESET/);
  });
});

describe('https from a host', () => {
  it('is verified by the name in the URL, with the authority that is given', async () => {
    const authority = await createAuthority();
    const pair = await issueServerCertificate(authority, {
      name: 'localhost',
      address: '127.0.0.1',
      certificateDays: 3,
    });
    const place = await listening(createSecureServer(pair, (_, response) => response.end('h2')));
    const cacert = await farm.write('ca.pem', authority.cert);
    const url = `https://${place}/`;
    expect(await http(['web-1', url, '--cacert', cacert, '-v'])).toMatchObject({
      ...{ status: 0, stdout: 'h2', stderr: expect.stringContaining('< HTTP/2 200\n') },
    });
    expect((await http(['web-1', url])).stderr).toMatch(/^muster: web-1: TLS: /);
    expect(await http(['web-1', url, '-k', '--include'])).toMatchObject({
      stdout: expect.stringMatching(/^HTTP\/2 200\n/),
    });
  });
});

describe('https of a file of requests', () => {
  it('is verified with the authority beside the file; without verifying, it is asked first and said', async () => {
    const authority = await createAuthority();
    const pair = await issueServerCertificate(authority, {
      ...{ name: 'localhost', address: '127.0.0.1', certificateDays: 3 },
    });
    const place = await listening(createSecureServer(pair, (_, response) => response.end('h2')));
    await farm.write('beside.pem', authority.cert);
    const withAuthority = await farm.write('ca.http', `# @cacert ./beside.pem\nGET https://${place}/\n`);
    expect(await http(['web-1', withAuthority])).toMatchObject({ status: 0, stdout: 'h2', stderr: '' });
    const insecure = await farm.write('insecure.http', `# @insecure\nGET https://${place}/\n`);
    const alone = await http(['web-1', insecure], { detached: true });
    expect(alone).toMatchObject({ status: 2, stdout: '' });
    expect(alone.stderr).toContain(
      `Send GET https://${place}/ (insecure) without verifying the certificate? There is nobody to ask`,
    );
    expect(await http(['web-1', insecure, '--yes'])).toMatchObject({
      ...{ status: 0, stdout: 'h2' },
      stderr: 'muster: the file says “# @insecure”: certificate verification is off\n',
    });
    expect(await http(['web-1', insecure, '-k'])).toMatchObject({ status: 0, stdout: 'h2', stderr: '' });
  });

  it('goes to a unix socket of the host', async () => {
    const { path } = untilTestEnds(await scratchFolder({}));
    const socket = join(path, 'app.sock');
    const server = createServer((request, response) => response.end(`${request.headers.host} here`));
    server.listen(socket);
    await once(server, 'listening');
    try {
      const named = await farm.write('socket.http', `# @unix-socket ${socket}\nGET http://app/\n`);
      expect(await http(['web-1', named])).toMatchObject({ status: 0, stdout: 'app here', stderr: '' });
    } finally {
      server.close();
    }
  });

  it('is not sent where two requests are one, and the line is said', async () => {
    const { place, asked } = await serve(plain('x'));
    const named = await farm.write('two.http', `GET http://${place}/a\n\nDELETE http://${place}/b\n`);
    const { status, stderr } = await http(['web-1', named]);
    expect({ status, asked }).toEqual({ status: 2, asked: [] });
    expect(stderr).toMatch(/two\.http:3:1: error: “DELETE http:.*looks like another request/);
  });
});

describe('a file of requests', () => {
  const file = (place: string, more = '') => `@base = http://${place}
### Log in
# @name login
POST {{base}}/{name}/login
Content-Type: application/json

{ "password": "{{$secret API_PASSWORD}}" }

### Who am I?
# @name me
# @hosts web-[1-2]
# @expect status: 200
# @expect json: { $.name: me }
${more}GET {{base}}/{name}/me
Authorization: Bearer {{login.response.body.$.token}}
`;
  const service: RequestListener = (request, response) => {
    const [, host, what] = request.url!.split('/');
    if (what === 'login') return void response.end(JSON.stringify({ token: `t0k3n-${host}` }));
    const isKnown = request.headers.authorization === `Bearer t0k3n-${host}`;
    response.end(JSON.stringify({ name: isKnown && host === 'web-1' ? 'me' : 'nobody' }));
  };
  const env = { API_PASSWORD: 'correct-horse' };

  it('is sent with what it needs before it, by every host its own, and judged as checks are', async () => {
    const { place, asked } = await serve(service);
    const named = await farm.write('a.http', file(place));
    const { status, stdout, stderr } = await http([named, '--name', 'me', '--yes', '-v'], { env });
    expect(status).toBe(1);
    expect(stdout).toContain('web-1 (1) 200 OK\n');
    expect(stdout).toContain('EXPECTATION: expected $.name = "me", got "nobody"');
    expect(asked.map(({ url }) => url).sort()).toEqual([
      '/web-1/login',
      '/web-1/me',
      '/web-2/login',
      '/web-2/me',
    ]);
    expect(stdout + stderr).not.toMatch(/correct-horse|t0k3n-/);
    expect(await http(['web-1', named, '--name', 'me'], { env })).toMatchObject({
      ...{ status: 0, stdout: '{"name":"me"}', stderr: '' },
    });
  });

  it('asks where a request before it changes something, and finds what is wrong before it sends', async () => {
    const { place, asked } = await serve(service);
    const named = await farm.write('b.http', file(place));
    const alone = await http([named, '--name', 'me'], { env, detached: true });
    expect(alone).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('POST {{base}}/{name}/login, GET '),
    });
    expect(await http([named, '--name', 'me', '--yes'])).toMatchObject({
      ...{ status: 2, stderr: 'muster: line 4: the secret “API_PASSWORD” is not known\n' },
    });
    const wrong = await farm.write('c.http', file(place, '# @expect stauts: 1\n'));
    expect(await http([wrong, '--name', 'me'], { env })).toMatchObject({
      ...{ status: 2, stderr: expect.stringMatching(/c\.http:14:1: error: .*stauts/) },
    });
    expect((await http([named], { env })).stderr).toContain(
      'the file has 2 requests: name one with --name (login, me)',
    );
    expect(asked).toEqual([]);
  });

  it('leaves out hosts whose login fails', async () => {
    const { place, asked } = await serve((request, response) => {
      if (request.url!.startsWith('/web-2')) response.writeHead(401).end('no');
      else service(request, response);
    });
    const named = await farm.write('d.http', file(place));
    const { status, stdout } = await http([named, '--name', 'me', '--yes'], { env });
    expect(status).toBe(1);
    expect(stdout).toContain('web-2 (1) DEPENDENCY');
    expect(stdout).toContain('1 host: 200; 1: DEPENDENCY');
    expect(asked.map(({ url }) => url)).not.toContain('/web-2/me');
  });

  it('comes from curl and goes back', async () => {
    const { place, asked } = await serve((request, response) => void request.pipe(response));
    const command = `curl 'http://${place}/x' -H 'X-A: b' --data-raw '@c'`;
    const copied = await farm.write('copied', command);
    expect(await http(['web-1', '--curl', `@${copied}`])).toMatchObject({
      status: 0,
      stdout: '@c',
      stderr: '',
    });
    expect(asked[0]).toMatchObject({ method: 'POST', headers: { 'x-a': 'b' } });
    const printed = await http(['web-1', '--curl', command, '-H', 'Authorization: s3cr3t', '--as-curl']);
    expect(printed.stdout).toBe(
      `curl -H 'user-agent: muster' -H 'accept: */*' -H 'content-type: application/x-www-form-urlencoded' -H 'X-A: b' -H 'Authorization: •••' --data-raw @c http://${place}/x\n`,
    );
    expect(asked).toHaveLength(1);
  });
});
