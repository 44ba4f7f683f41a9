import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../../../src/features/checks/core/probe';
import { probes } from '../../../../src/features/checks/core/probes';
import { Deadline } from '../../../../src/platform/batch/deadline';
import type { Host } from '../../../../src/platform/inventory/model';
import { byHost } from '../../../../src/platform/transport/createTransport';
import type { HostTransport } from '../../../../src/platform/transport/hostTransport';
import { LocalTransport } from '../../../../src/platform/transport/local/localTransport';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { until } from '../../../harness/until';
import { failure, host, hostOn, nothingLeft, openResources, poolFor } from '../ssh/sshFixture';

const isRoot = userInfo().uid === 0;

/** Root may use every socket: somebody else who can log in. */
async function otherUser(): Promise<string> {
  if (!isRoot) return userInfo().username;
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const [name] =
    lines.find(([, , uid, , , , shell]) => uid !== '0' && /\/(ba|da)?sh$/.test(shell ?? '')) ?? [];
  if (name === undefined) throw new Error('this needs a user with a shell beside root');
  return name;
}

describe('a unix socket of a host', () => {
  let farm: SshdFarm;
  let daemon: Sshd;
  let strict: Sshd;
  let permitting: Sshd;
  let folder: string;
  let before: string[];
  const servers: Server[] = [];
  const sockets = new Set<Socket>();

  beforeAll(async () => {
    farm = await SshdFarm.create();
    // Another user is let in as well, by the same keys.
    await chmod(farm.directory, 0o755);
    await chmod(join(farm.directory, 'authorized_keys'), 0o644);
    daemon = await farm.start({ config: isRoot ? ['UsePAM yes'] : [] });
    strict = await farm.start({ config: ['AllowStreamLocalForwarding no'] });
    permitting = await farm.start({ config: ['PermitOpen 127.0.0.1:*'] });
  });
  afterAll(() => farm[Symbol.asyncDispose]());
  beforeEach(async () => {
    before = openResources();
    folder = await mkdtemp(join(tmpdir(), 'muster-sock-'));
    await chmod(folder, 0o755);
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers.splice(0)) server.close();
    await rm(folder, { recursive: true, force: true });
    await nothingLeft(before, [daemon, strict, permitting]);
  });

  const listen = async (server: Server, name = 's.sock') => {
    const path = join(folder, name);
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      // The other end may go at any time.
      socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    });
    server.listen(path);
    await once(server, 'listening');
    servers.push(server);
    return path;
  };
  const greeter = () => createServer((socket) => socket.end('hello\n'));
  /** The socket file that a service which was killed has left behind. */
  const leftBehind = async () => {
    const { spawn } = await import('node:child_process');
    const path = join(folder, 'left.sock');
    const child = spawn(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`,
    ]);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    return path;
  };

  const here: Host = { ...host('here', 'localhost'), transport: 'local' };
  const forever = { deadline: new Deadline(0) };
  const withPool = async <T>(work: (transport: HostTransport) => Promise<T>): Promise<T> => {
    await using pool = await poolFor(farm, [daemon, strict, permitting]);
    const local = new LocalTransport();
    try {
      return await work(byHost({ ssh: pool, local }));
    } finally {
      await local.dispose();
    }
  };
  const read = (target: Host, path: string) =>
    withPool(async (transport) => text(await transport.connect(target, { path }, forever)));
  const refusal = (target: Host, path: string) =>
    withPool((transport) => failure(transport.connect(target, { path }, forever)));

  describe.each([
    ['over SSH', () => hostOn(farm, daemon)],
    ['of this machine', () => here],
  ])('%s', (_, target) => {
    it('is connected to', async () => {
      expect(await read(target(), await listen(greeter()))).toBe('hello\n');
    });

    it('carries both directions, as much as there is', async () => {
      const path = await listen(createServer((socket) => socket.pipe(socket)));
      const sent = 'x'.repeat(2_000_000);
      const received = await withPool(async (transport) => {
        const stream = await transport.connect(target(), { path }, forever);
        stream.end(sent);
        return text(stream);
      });
      expect(received.length).toBe(sent.length);
    });

    it('that its reader gives up ends with the reason, and with nothing that comes after it', async () => {
      const path = await listen(createServer((socket) => socket.write('hello\n')));
      const heard: unknown[] = [];
      const reason = new Error('this is not what was asked for');
      await withPool(async (transport) => {
        const stream = await transport.connect(target(), { path }, forever);
        stream.on('error', (error) => heard.push(error));
        await once(stream, 'data');
        stream.destroy(reason);
        await until('the reason', () => heard.length > 0);
      });
      expect(heard).toEqual([reason]);
    });

    it('that is not there is reported as that', async () => {
      const error = await refusal(target(), join(folder, 'none.sock'));
      expect(error).toMatchObject({ code: 'UNREACHABLE', phase: 'connect', host: target().name });
      expect(error.message).toContain('there is no socket');
    });

    it('on which nothing listens any more is reported as that', async () => {
      const error = await refusal(target(), await leftBehind());
      expect(error).toMatchObject({ code: 'REFUSED', phase: 'connect' });
      expect(error.hint).toContain('left its socket behind');
    });

    it('takes single messages: that is reported', async () => {
      const path = join(folder, 'messages.sock');
      const { spawn } = await import('node:child_process');
      const bind = `import os,socket,sys; s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM); s.bind(sys.argv[1]); print('up',flush=True); sys.stdin.read()`;
      const child = spawn('python3', ['-c', bind, path]);
      await once(child.stdout, 'data');
      const error = await refusal(target(), path);
      child.stdin.end();
      await once(child, 'close');
      expect(error.message).toContain('takes single messages, not connections');
    });

    it('is a file: that is reported', async () => {
      const path = join(folder, 'plain');
      await writeFile(path, '');
      expect((await refusal(target(), path)).message).toContain('is not a socket');
    });

    it('has a path that a socket can have', async () => {
      for (const path of ['relative.sock', '/a\0b', `/${'x'.repeat(200)}`])
        expect(await refusal(target(), path)).toMatchObject({ code: 'INVENTORY', phase: 'inventory' });
    });
  });

  it('that the user may not use is reported as that', async () => {
    const path = await listen(greeter());
    await chmod(path, 0o600);
    if (!isRoot) await chmod(path, 0);
    const user = await otherUser();
    const error = await refusal(hostOn(farm, daemon, { user }), path);
    expect(error).toMatchObject({ code: 'UNREACHABLE', phase: 'connect' });
    expect(error.message).toContain('permission denied');
    const inner = join(folder, 'closed');
    await mkdir(inner, { mode: 0o700 });
    if (!isRoot) await chmod(inner, 0);
    expect((await refusal(hostOn(farm, daemon, { user }), join(inner, 'x.sock'))).message).toContain(
      'permission denied',
    );
  });

  it('that the server forbids is reported as that, with the setting to change', async () => {
    const error = await refusal(hostOn(farm, strict), await listen(greeter()));
    expect(error).toMatchObject({ code: 'PROTOCOL', phase: 'connect', host: 'target' });
    expect(error.hint).toContain('AllowStreamLocalForwarding');
  });

  it('that the server forbids because of the addresses that it permits is reported as that', async () => {
    const error = await refusal(hostOn(farm, permitting), await listen(greeter()));
    expect(error).toMatchObject({ code: 'PROTOCOL', phase: 'connect', host: 'target' });
    expect(error.hint).toContain('PermitOpen');
  });

  it('that is not there is told from one that is forbidden', async () => {
    const error = await refusal(hostOn(farm, strict), join(folder, 'none.sock'));
    expect(error.message).toContain('there is no socket');
  });

  describe('is checked', () => {
    const check = (
      type: string,
      input: object,
      target = hostOn(farm, daemon),
      timeoutMs = 20_000,
    ): Promise<Finding> =>
      withPool((transport) => {
        const { settings, run } = probes.find((probe) => probe.type === type)!;
        const context = {
          deadline: new Deadline(timeoutMs),
          transport,
          overrideCircuit: false,
          directory: '/',
        };
        return run(target, settings.parse(input), context).finally(() => context.deadline.dispose());
      });

    it('for what a server says before it closes', async () => {
      for (const target of [hostOn(farm, daemon), here]) {
        const socket = await listen(greeter(), `${target.name}.sock`);
        const said = { type: 'tcp', input: { socket, expect: { banner: '^hello' } } };
        expect(await check(said.type, said.input, target)).toMatchObject({
          status: 'healthy',
          message: 'hello',
        });
        expect(await check('tcp', { socket }, target)).toMatchObject({ status: 'healthy' });
        const closing = await listen(
          createServer((one) => one.destroy()),
          `${target.name}2.sock`,
        );
        expect(await check('tcp', { socket: closing }, target)).toMatchObject({ status: 'healthy' });
      }
    });

    it('and is what does not answer, not the name in the URL', async () => {
      const socket = await listen(createServer(() => {}));
      const error = await failure(check('http', { socket, url: 'http://docker/_ping' }, here, 500));
      expect(error).toMatchObject({ code: 'TIMEOUT' });
      expect(error.message).toContain(socket);
      expect(error.message).not.toContain('docker');
    });

    it('for a banner', async () => {
      const socket = await listen(greeter());
      expect(await check('tcp', { socket, expect: { banner: 'hello' } })).toMatchObject({
        status: 'healthy',
      });
      expect(await check('tcp', { socket, expect: { banner: 'bye' } })).toMatchObject({
        status: 'unhealthy',
      });
      expect(await check('tcp', { socket })).toMatchObject({ status: 'healthy' });
    });

    it('over HTTP, redirects to itself followed', async () => {
      const server = createHttpServer((request, response) => {
        if (request.url === '/old') response.writeHead(302, { location: '/new' }).end();
        else response.end(`${request.headers.host} ${request.url}`);
      });
      const socket = await listen(server);
      const finding = await check('http', {
        ...{ socket, url: 'http://docker/old', expect: { body: 'docker /new' } },
      });
      expect(finding).toMatchObject({ status: 'healthy' });
      expect(finding.phases).toMatchObject({ connect: expect.any(Number), firstByte: expect.any(Number) });
    });

    it('over HTTPS', async () => {
      const pem = await generate([{ name: 'commonName', value: 'app.test' }]);
      const server = createHttpsServer({ key: pem.private, cert: pem.cert }, (_, response) =>
        response.end('safe'),
      );
      const socket = await listen(server);
      const input = { socket, url: 'https://app.test/', tls: { insecure: true }, expect: { body: 'safe' } };
      expect(await check('http', input)).toMatchObject({ status: 'healthy' });
      expect(await check('http', input, here)).toMatchObject({ status: 'healthy' });
    });

    it('up to its time limit', async () => {
      const socket = await listen(createServer(() => {}));
      const finding = withPool((transport) => {
        const { settings, run } = probes.find(({ type }) => type === 'http')!;
        const context = { deadline: new Deadline(3000), transport, overrideCircuit: false, directory: '/' };
        return run(hostOn(farm, daemon), settings.parse({ socket, url: 'http://x/' }), context);
      });
      expect(await failure(finding)).toMatchObject({ code: 'TIMEOUT', phase: 'request' });
    });
  });
});
