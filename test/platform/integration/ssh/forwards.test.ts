import { once } from 'node:events';
import net from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MusterError } from '../../../../src/platform/errors/errors';
import type { Host } from '../../../../src/platform/inventory/model';
import { forwardPort } from '../../../../src/platform/transport/portForward';
import { freePort } from '../../../harness/ports';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { until } from '../../../harness/until';
import { failure, hostOn, nothingLeft, openResources, poolFor } from './sshFixture';

describe('a forwarded port', () => {
  let farm: SshdFarm;
  let first: Sshd;
  let second: Sshd;
  let target: Sshd;
  let service: net.Server;
  let destination: { address: string; port: number };
  let accepted = 0;
  let before: string[];

  beforeAll(async () => {
    farm = await SshdFarm.create();
    first = await farm.start({ address: '127.0.1.1' });
    second = await farm.start({ address: '127.0.1.2' });
    target = await farm.start({ address: '127.0.1.3' });
    // Says what it has heard when the other side has ended.
    service = net.createServer({ allowHalfOpen: true }, (socket) => {
      accepted++;
      socket.on('error', () => {});
      void heard(socket).then(
        (question) => socket.end(`heard ${question.length}: ${question.slice(0, 20)}`),
        () => {},
      );
    });
    service.listen(0, '127.0.1.9');
    await once(service, 'listening');
    destination = { address: '127.0.1.9', port: (service.address() as net.AddressInfo).port };
  });
  afterAll(async () => {
    service.close();
    await farm[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    before = openResources();
    accepted = 0;
  });
  afterEach(() => nothingLeft(before, [first, second, target]));

  const connect = (port: number) => net.connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  const ask = async (port: number, question: string) => {
    const socket = connect(port);
    socket.end(question);
    return heard(socket);
  };

  it('carries both directions, each ending by itself', async () => {
    await using pool = await poolFor(farm, [target]);
    const forward = await forwardPort(pool, hostOn(farm, target), destination);
    expect(await ask(forward.port, 'x'.repeat(3_000_000))).toBe(`heard 3000000: ${'x'.repeat(20)}`);
    expect(forward).toMatchObject({ served: 1, failure: undefined, sent: 3_000_000, received: 35 });
    await until('the connection to be closed', () => forward.open === 0);
    await forward.close();
  });

  it('goes through two hops', async () => {
    const hosts = new Map<string, Host>([
      ['bastion', hostOn(farm, first, {}, 'bastion')],
      ['inner', hostOn(farm, second, {}, 'inner')],
    ]);
    await using pool = await poolFor(farm, [first, second, target], {
      inventoryHost: (name) => hosts.get(name),
    });
    const host = hostOn(farm, target, { proxyJump: ['bastion', 'inner'] });
    const forward = await forwardPort(pool, host, destination);
    expect(await ask(forward.port, 'hello')).toBe('heard 5: hello');
    await forward.close();
  });

  it('asks with every connection how the host is to be reached by now', async () => {
    await using pool = await poolFor(farm, [first, second]);
    const logins = [first.logins, second.logins] as const;
    let current: Host | undefined = hostOn(farm, first);
    const forward = await forwardPort(
      pool,
      () => {
        if (current) return current;
        throw new MusterError('INVENTORY', 'it has gone');
      },
      destination,
    );
    expect(await ask(forward.port, 'one')).toBe('heard 3: one');
    current = hostOn(farm, second);
    expect(await ask(forward.port, 'two')).toBe('heard 3: two');
    expect([first.logins - logins[0], second.logins - logins[1]]).toEqual([1, 1]);
    current = undefined;
    await expect(ask(forward.port, 'three')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(forward.failure).toMatchObject({ code: 'INVENTORY' });
    await forward.close();
  });

  it('connects nowhere before somebody connects', async () => {
    await using pool = await poolFor(farm, [target]);
    const logins = target.logins;
    const forward = await forwardPort(pool, hostOn(farm, target), destination);
    expect(target.logins).toBe(logins);
    await forward.close();
  });

  it('carries 1,000 connections over one to the host, and leaves none', async () => {
    await using pool = await poolFor(farm, [target]);
    const logins = target.logins;
    const forward = await forwardPort(pool, hostOn(farm, target), destination);
    for (let wave = 0; wave < 5; wave++) {
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, index) => ask(forward.port, `${wave}-${index}`)),
      );
      expect(answers.every((answer, index) => answer.endsWith(`: ${wave}-${index}`))).toBe(true);
    }
    expect(forward.served).toBe(1_000);
    expect(target.logins - logins).toBe(1);
    await until('all to be closed', () => forward.open === 0);
    await forward.close();
  });

  it('tells which connections fail, and goes on', async () => {
    await using pool = await poolFor(farm, [target]);
    const closed = { address: '127.0.1.9', port: await freePort('127.0.1.9') };
    const failures: MusterError[] = [];
    const forward = await forwardPort(pool, hostOn(farm, target), closed, {
      onFailure: (error) => failures.push(error),
    });
    await expect(ask(forward.port, 'hello')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(failures).toMatchObject([{ code: 'REFUSED', phase: 'connect', host: 'target' }]);
    expect(forward.failure).toBe(failures[0]);
    const late = net
      .createServer((socket) => socket.resume().end('late'))
      .listen(closed.port, closed.address);
    expect(await ask(forward.port, 'hello')).toBe('late');
    expect(forward.failure).toBeUndefined();
    late.close();
    await forward.close();
  });

  it('breaks off what a lost link cuts, and connects anew for the next', async () => {
    await using pool = await poolFor(farm, [target]);
    const forward = await forwardPort(pool, hostOn(farm, target), destination);
    const socket = connect(forward.port);
    const broken = once(socket, 'close').catch((error: unknown) => error);
    await until('the service to be reached', () => accepted === 1);
    await target.dropConnections();
    expect(await broken).toMatchObject({ code: 'ECONNRESET' });
    expect(forward.failure).toMatchObject({ code: 'RESET' });
    expect(await ask(forward.port, 'again')).toBe('heard 5: again');
    await forward.close();
  });

  it('keeps the connection to the host from expiring while it is used', async () => {
    await using pool = await poolFor(farm, [target], { idleMs: 50 });
    const logins = target.logins;
    const forward = await forwardPort(pool, hostOn(farm, target), destination);
    const socket = connect(forward.port);
    await until('the service to be reached', () => accepted === 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    socket.end('slow');
    expect(await heard(socket)).toBe('heard 4: slow');
    expect(target.logins - logins).toBe(1);
    await forward.close();
  });

  it('ends what is open when it is closed', async () => {
    await using pool = await poolFor(farm, [target]);
    const forward = await forwardPort(pool, hostOn(farm, target), destination);
    const socket = connect(forward.port);
    socket.on('error', () => {});
    const ended = new Promise((resolve) => socket.once('close', resolve));
    await until('the service to be reached', () => accepted === 1);
    await forward.close();
    socket.destroy();
    await ended;
    await expect(ask(forward.port, 'x')).rejects.toThrow();
    expect(forward.open).toBe(0);
  });

  it('says so when the local port is taken', async () => {
    await using pool = await poolFor(farm, [target]);
    const one = await forwardPort(pool, hostOn(farm, target), destination);
    const error = await failure(forwardPort(pool, hostOn(farm, target), destination, { port: one.port }));
    expect(error).toMatchObject({ code: 'REFUSED', hint: 'Choose another local port.' });
    expect(error.message).toContain(String(one.port));
    await one.close();
  });
});

/** All that comes until the other side has ended; what is written here may go on. */
async function heard(socket: net.Socket): Promise<string> {
  let all = '';
  socket.setEncoding('utf8').on('data', (part: string) => (all += part));
  await once(socket, 'end');
  return all;
}
