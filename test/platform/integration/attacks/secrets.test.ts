import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { muster } from '../../../harness/musterCli';
import { freePort } from '../../../harness/ports';
import { type Sshd, SshdFarm } from '../../../harness/sshd';

/** Planted wherever muster.yaml can hold a URL or a header. */
const secret = 'hunter2secret';
const forms = [
  secret,
  Buffer.from(secret).toString('base64'),
  Buffer.from(`me:${secret}`).toString('base64'),
  Buffer.from(`me:${secret}`).toString('base64').slice(0, 12),
];

describe('A secret in muster.yaml', () => {
  let farm: SshdFarm;
  let daemon: Sshd;
  let folder: string;
  let echo: Server;
  let raw: net.Server;
  let echoed: string[];
  beforeAll(async () => {
    farm = await SshdFarm.create();
    daemon = await farm.start();
    folder = await mkdtemp(join(tmpdir(), 'muster-secrets-'));
    echoed = [];
    // Whatever it is asked with comes back in the body, in headers and in a redirect.
    echo = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      const all = `${request.url} ${request.rawHeaders.join(': ')} ${body.replaceAll('=', ' is ')}`;
      echoed.push(all);
      if (request.url!.startsWith('/away')) {
        response.writeHead(302, {
          location: `http://me:${secret}@[::ffff:127.0.0.1.nowhere/?token=${secret}`,
        });
        return response.end();
      }
      response.writeHead(500, {
        'set-cookie': `sid=${secret}`,
        'x-seen': request.headers.authorization ?? 'none',
      });
      response.end(all);
    });
    echo.listen(0, '127.0.0.1');
    // What it says first is what it heard, which is no HTTP.
    raw = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (bytes: Buffer) => socket.end(`ECHO ${bytes.toString('latin1')}`));
    });
    raw.listen(0, '127.0.0.1');
    await Promise.all([once(echo, 'listening'), once(raw, 'listening')]);
    await writeFile(join(folder, 'muster.yaml'), await inventory());
  });
  afterAll(async () => {
    echo.closeAllConnections();
    echo.close();
    raw.close();
    await farm[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const portOf = (server: net.Server) => (server.address() as AddressInfo).port;
  async function inventory(): Promise<string> {
    const knownHosts = await farm.write('known_hosts', await daemon.knownHostsLine());
    const ssh = { port: daemon.port, identityFile: farm.clientKey, knownHosts };
    const at = `127.0.0.1:${portOf(echo)}`;
    const closed = await freePort();
    const http = (url: string, more: object = {}) => ({ type: 'http', on: 'web-01', url, ...more });
    const headers = {
      ...{ Authorization: `Bearer ${secret}`, Cookie: `sid=${secret}; a=b`, 'X-Api-Key': secret },
      ...{ 'Proxy-Authorization': `Basic ${Buffer.from(`me:${secret}`).toString('base64')}` },
    };
    const labels = { bad: 'a b', url: `postgres://me:${secret}@db/x`, password: secret };
    return JSON.stringify({
      hosts: {
        'web-01': { address: '127.0.0.1', labels, ssh },
        proxied: {
          address: '127.0.0.1',
          ssh: {
            ...ssh,
            proxyCommand: `echo http://me:${secret}@proxy >&2; exit 1; ncat --proxy-auth me:${secret} %h %p`,
          },
        },
      },
      checks: {
        refused: http(`http://me:${secret}@127.0.0.1:${closed}/?token=${secret}`),
        invalid: http(`http://me:${secret}@{label.bad}:x/?token=${secret}`),
        slashed: http(`http://me:a/${secret}@127.0.0.1/`),
        body: http(`http://me:${secret}@${at}/x?access_token=${secret}&b=1`, {
          expect: { status: 500, body: 'absent' },
        }),
        posted: http(`http://${at}/`, {
          ...{ method: 'POST', body: `a=1&password=${secret}` },
          expect: { status: 500, body: 'absent' },
        }),
        told: http(`http://${at}/`, { headers, expect: { status: 500, bodyMatches: '^absent' } }),
        cookie: http(`http://${at}/`, {
          headers,
          expect: { status: 500, headers: { 'set-cookie': '^absent', 'x-seen': '^absent' } },
        }),
        away: http(`http://me:${secret}@${at}/away`, {}),
        raw: http(`http://me:${secret}@127.0.0.1:${portOf(raw)}/?key=${secret}`, {
          headers: { 'X-Auth-Token': secret },
        }),
      },
      logs: {
        curl: {
          on: 'web-01',
          command: `exit 3; curl -H 'Authorization: Bearer ${secret}' http://me:${secret}@h`,
        },
      },
      profilers: {
        go: {
          type: 'go',
          on: 'web-01',
          url: `http://${at}/debug?token=${secret}`,
          through: 'direct',
          duration: '1s',
        },
        printed: {
          type: 'command',
          on: 'web-01',
          run: `printf 'a 1\\n'; true --token ${secret} http://me:${secret}@h`,
          duration: '1s',
        },
      },
    });
  }

  const shown = async (...args: string[]) => {
    const { stdout, stderr } = await muster(args, { cwd: folder });
    return stdout + stderr;
  };
  const expectNone = (output: string) => {
    for (const form of forms) expect(output).not.toContain(form);
  };

  it.each([[['check']], [['check', '-v']], [['check', '--json']], [['check', '--ndjson']]])(
    'is in no result of %j',
    async (args) => {
      const output = await shown(...args);
      for (const check of [
        'refused',
        'invalid',
        'slashed',
        'body',
        'posted',
        'told',
        'cookie',
        'away',
        'raw',
      ])
        expect(output).toContain(check);
      expectNone(output);
      // The service did get it.
      expect(echoed.join('\n')).toContain(secret);
    },
  );

  it.each(['', '--json', '--ndjson', '-v'])('is in no run over a proxy or a jump %s', async (option) => {
    const output = await shown('run', 'proxied', ...(option ? [option] : []), '--', 'true');
    expect(output).toContain('ProxyCommand');
    expectNone(output);
  });

  it.each(['go', 'printed'])('is in no capture by the profiler %s', async (profiler) => {
    for (const option of ['--json', '-v'])
      expectNone(
        await shown(
          'profile',
          'capture',
          'web-01',
          '--profiler',
          profiler,
          option,
          '-o',
          `${profiler}${option}.folded`,
        ),
      );
  });

  it('is in no complaint about a command line', async () => {
    const output = await shown('hosts', `--password=${secret}`);
    expect(output).toContain("unknown option '--password=•••");
    expectNone(output);
  });

  it('is in no complaint about a selector', async () => {
    const output = await shown('hosts', `me:${secret}@x`);
    expect(output).toContain('me:•••@x');
    expectNone(output);
  });

  it('is in no listing of hosts, and in nothing that is said of logs', async () => {
    for (const option of ['--json', '--ndjson', '-v']) {
      const output = await shown('hosts', option);
      expect(output).toContain('postgres://•••@db/x');
      expect(output).toMatch(/password(?:=|": ?")•••/);
      expectNone(output);
    }
    for (const option of ['--json', '-v'])
      expectNone(await shown('logs', '--source', 'curl', '--no-follow', option));
  });

  it.each([
    `etcd: { main: { endpoints: ["http://me:${secret}@127.0.0.1:2379"] } }`,
    `hosts: { a: { address: "http://me:${secret}@h" } }`,
    `hosts: { a: { address: "me:${secret}@h" } }`,
    `hosts: { a: { address: "me:${'x'.repeat(70)}${secret}@h" } }`,
    `profilers: { p: { type: node, url: "http://me:${secret}@h" } }`,
    `profilers: { p: { type: go, url: "http://me:${secret}@h" } }`,
    `checks: { c: { type: http, url: "ftp://me:${secret}@h/?token=${secret}" } }`,
    `checks: { c: { type: http, url: "http://me:${secret}@h/{label.x}/{oops}" } }`,
    `hosts: { a: { address: 127.0.0.1, ssh: { proxyJump: "ssh://me:${secret}@h:22" } }, b: { address: h, ssh: { proxyJump: [x, "me:${secret}@h"] } } }`,
    `imports: [{ muster: "http://me:${secret}@h/muster.yaml" }]`,
  ])('is in no problem of %s', async (text) => {
    const file = join(folder, 'odd.yaml');
    await writeFile(file, `${text}\n`);
    for (const args of [['check'], ['check', '--json'], ['check', '-v'], ['etcd', 'ls'], ['hosts']])
      expectNone(await shown(...args, '-i', file));
  });
});
