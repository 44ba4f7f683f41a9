import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endOf, muster, startMuster } from '../../../harness/musterCli';

/** A listener whose backlog is full: the kernel drops what else wants to connect. Node always accepts. */
const fullBacklog = `
import socket, sys
listener = socket.socket(); listener.bind(('127.0.0.1', 0)); listener.listen(0)
waiting = [socket.socket() for _ in range(4)]
for each in waiting:
    each.setblocking(False)
    each.connect_ex(listener.getsockname())
print(listener.getsockname()[1], flush=True)
sys.stdin.read()
`;

let blackhole: ChildProcessWithoutNullStreams;
let silent: Server;
let http1: Server;
let directory: string;
let inventory: string;
const accepted = new Set<Socket>();

beforeAll(async () => {
  blackhole = spawn('python3', ['-c', fullBacklog], { stdio: 'pipe' });
  const [unaccepted] = (await once(createInterface({ input: blackhole.stdout }), 'line')) as [string];
  const keep = (socket: Socket) => accepted.add(socket.on('error', () => {}));
  silent = createServer(keep);
  http1 = createServer(
    (socket) =>
      keep(socket) &&
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')),
  );
  const ports = await Promise.all(
    [silent, http1].map(async (server) => {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      return (server.address() as { port: number }).port;
    }),
  );
  directory = await mkdtemp(join(tmpdir(), 'muster-unanswered-'));
  inventory = join(directory, 'muster.yaml');
  await writeFile(
    inventory,
    `hosts: { local: { address: 127.0.0.1 } }
etcd:
  blackhole: { endpoints: ['127.0.0.1:${unaccepted}'], timeout: 4s }
  hurried: { endpoints: ['127.0.0.1:${unaccepted}'], timeout: 100ms }
  silent: { endpoints: ['127.0.0.1:${ports[0]}'], timeout: 4s }
  silentTls: { endpoints: ['https://127.0.0.1:${ports[0]}'], timeout: 4s }
  http1: { endpoints: ['127.0.0.1:${ports[1]}'], timeout: 5s }
checks: { config: { type: etcd, on: local, cluster: blackhole, timeout: 1s } }
`,
  );
});

afterAll(async () => {
  blackhole.stdin.end();
  for (const socket of accepted) socket.destroy();
  for (const server of [silent, http1]) server.close();
  await rm(directory, { recursive: true });
});

const words = (cluster: string, ...args: string[]) => [
  ...['etcd', ...args, '--cluster', cluster, '--inventory', inventory],
];

describe('An etcd endpoint that does not answer', () => {
  describe.each([
    ['blackhole', /TIMEOUT: .* did not accept the TCP connection\nA firewall may drop/],
    ['silent', /TIMEOUT: .* accepted the TCP connection and sent nothing\nThe process there hangs/],
    ['silentTls', /TIMEOUT: .* accepted the TCP connection and sent nothing\nThe process there hangs/],
  ])('(%s)', (cluster, said) => {
    it.concurrent.each([
      ['ls', '\n'],
      ['get', '\n'],
      // A write says first what has become of it.
      ['put', '\nNothing was written. '],
    ])('ends %s with what is known', async (command, before) => {
      const values = command === 'put' ? ['v'] : [];
      const { status, stderr } = await muster(words(cluster, command, '/k', ...values));
      expect(status).toBe(1);
      expect(stderr).toContain(before);
      expect(stderr.replace(before, '\n')).toMatch(said);
    });

    it.concurrent.each([
      ['SIGTERM', 143],
      ['SIGINT', 130],
    ] as const)('ends a watch with %s', async (signal, status) => {
      const watch = startMuster(words(cluster, 'watch', '/k/'));
      const ended = endOf(watch);
      await once(watch.stderr, 'data');
      watch.kill(signal);
      const { stderr, ...rest } = await ended;
      expect(rest).toEqual({ status, stdout: '' });
      expect(stderr).toMatch(/^muster: cannot connect yet, still trying: /);
      expect(stderr).toMatch(said);
    });
  });

  it('is not said to refuse a connection before that can be known', async () => {
    const { status, stderr } = await muster(words('hurried', 'ls'));
    expect(status).toBe(1);
    expect(stderr).toMatch(/TIMEOUT: no result within 100 ms/);
    expect(stderr).not.toContain('did not accept');
  });

  it('ends a check', async () => {
    const { status, stdout } = await muster(['check', '--inventory', inventory]);
    expect(status).toBe(1);
    expect(stdout).toContain('did not accept the TCP connection');
  }, 30_000);

  it('says of an HTTP/1 server that it does not speak gRPC', async () => {
    const { status, stderr } = await muster(words('http1', 'ls'));
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /: PROTOCOL: the endpoint does not speak gRPC \(HTTP\/2\)\ncaused by: Protocol error\nCheck that the port is/,
    );
    expect(stderr).not.toMatch(/\d\d:\d\d/);
  }, 30_000);
});
