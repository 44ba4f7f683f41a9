import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';
import type { Connection } from 'ssh2';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Deadline } from '../../../../src/platform/batch/deadline';
import { MusterError } from '../../../../src/platform/errors/errors';
import { startHostileSsh } from '../../../harness/hostileSsh';
import { freePort } from '../../../harness/ports';
import { scratchFolder } from '../../../harness/scratchFolder';
import { type Sshd, SshdFarm } from '../../../harness/sshd';
import { standStill } from '../../../harness/standStill';
import { until } from '../../../harness/until';
import { failure, host, hostOn, nothingLeft, openResources, poolFor, run } from './sshFixture';

describe('pooled connections', () => {
  let farm: SshdFarm;
  let daemon: Sshd;
  let before: string[];

  beforeAll(async () => {
    farm = await SshdFarm.create();
    daemon = await farm.start({ address: '127.0.2.1' });
  });
  afterAll(() => farm[Symbol.asyncDispose]());
  beforeEach(() => {
    before = openResources();
  });
  afterEach(() => nothingLeft(before, [daemon]));

  const connectionsOf = async (sshd: Sshd) => (await sshd.connections()).length;

  it('carry the commands of one host together', async () => {
    await using pool = await poolFor(farm, [daemon]);
    const logins = daemon.logins;
    const target = hostOn(farm, daemon);
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, index) => run(pool, target, `echo ${index}`)),
    );
    expect(results.map(({ stdout }) => stdout.trim())).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
    await run(pool, target, 'true');
    expect(daemon.logins).toBe(logins + 1);
  });

  it('are shared by names of the inventory that mean the same, but not by other users or keys', async () => {
    await using pool = await poolFor(farm, [daemon]);
    const logins = daemon.logins;
    await run(pool, hostOn(farm, daemon, {}, 'one'), 'true');
    await run(pool, hostOn(farm, daemon, { connectTimeoutMs: 4000 }, 'two'), 'true');
    expect(daemon.logins).toBe(logins + 1);
    await run(
      pool,
      hostOn(farm, daemon, { identityFile: [farm.clientKey, '/nonexistent'] }, 'three'),
      'true',
    );
    expect(daemon.logins).toBe(logins + 2);
  });

  it('take no more channels than they should, the others wait for their turn', async () => {
    await using pool = await poolFor(farm, [daemon], { maxSessions: 2 });
    const logins = daemon.logins;
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => run(pool, hostOn(farm, daemon), `echo ${index}`)),
    );
    expect(new Set(results.map(({ stdout }) => stdout)).size).toBe(20);
    expect(daemon.logins - logins).toBeLessThanOrEqual(4);
  });

  it('learn that a server grants one session only', async () => {
    const narrow = await farm.start({ address: '127.0.2.2', config: ['MaxSessions 1'] });
    {
      await using pool = await poolFor(farm, [narrow]);
      const results = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          run(pool, hostOn(farm, narrow), `sleep 0.05; echo ${index}`),
        ),
      );
      expect(results.map(({ stdout }) => Number(stdout))).toEqual(
        Array.from({ length: 12 }, (_, index) => index),
      );
      expect(narrow.logins).toBeLessThanOrEqual(4);
      for (let index = 0; index < 10; index++) await run(pool, hostOn(farm, narrow), 'true');
    }
    await narrow.stop();
  });

  it('lose no command to a server that grants one session, and frees it late', async () => {
    const open = new WeakSet<Connection>();
    await using server = await startHostileSsh(daemon, {
      grants(connection) {
        const isFree = !open.has(connection);
        open.add(connection);
        return isFree;
      },
      exec(channel, connection, command) {
        channel.end(command);
        channel.exit(0);
        channel.on('close', () => setTimeout(() => open.delete(connection), 400));
      },
    });
    await using known = await scratchFolder({ known_hosts: server.known });
    const target = host('late', '127.0.0.1', {
      port: server.port,
      knownHosts: [join(known.path, 'known_hosts')],
      identityFile: [farm.clientKey],
    });
    await using pool = await poolFor(farm, [daemon]);
    const commands = Array.from({ length: 60 }, (_, index) => `echo ${index}`);
    const results = await Promise.all(commands.map((command) => run(pool, target, command)));
    expect(results.map(({ stdout }) => stdout)).toEqual(commands);
  });

  it('do without more connections where the server lets in only one', async () => {
    const narrow = await farm.start({ address: '127.0.2.2', config: ['MaxSessions 1'] });
    {
      await using pool = await poolFor(farm, [narrow]);
      await run(pool, hostOn(farm, narrow), 'true');
      // The connection stays, but nobody gets in any more.
      await narrow.stopListening();
      const results = await Promise.all([1, 2, 3].map((n) => run(pool, hostOn(farm, narrow), `echo ${n}`)));
      expect(results.map(({ stdout }) => stdout)).toEqual(['1\n', '2\n', '3\n']);
    }
    await narrow.stop();
  });

  it('are closed when they were idle for a while', async () => {
    await using pool = await poolFor(farm, [daemon], { idleMs: 50 });
    await run(pool, hostOn(farm, daemon), 'true');
    await until('the connection to be closed', async () => (await connectionsOf(daemon)) === 0);
    expect((await run(pool, hostOn(farm, daemon), 'echo again')).stdout).toBe('again\n');
  });

  it('are not closed while a command runs', async () => {
    await using pool = await poolFor(farm, [daemon], { idleMs: 20 });
    expect((await run(pool, hostOn(farm, daemon), 'sleep 0.3; echo done')).stdout).toBe('done\n');
  });

  it('make room when there are too many, the least recently used first', async () => {
    const others = [await farm.start({ address: '127.0.2.3' }), await farm.start({ address: '127.0.2.4' })];
    {
      await using pool = await poolFor(farm, [daemon, ...others], { maxConnections: () => 2 });
      await run(pool, hostOn(farm, daemon), 'true');
      await run(pool, hostOn(farm, others[0]!), 'true');
      await run(pool, hostOn(farm, daemon), 'true');
      await run(pool, hostOn(farm, others[1]!), 'true');
      await until('the first to be closed', async () => (await connectionsOf(others[0]!)) === 0);
      expect(await connectionsOf(daemon)).toBe(1);
      // It never blocks: all three may be busy at once.
      const busy = [daemon, ...others].map((sshd) => run(pool, hostOn(farm, sshd), 'sleep 0.2; echo in'));
      expect((await Promise.all(busy)).map(({ stdout }) => stdout)).toEqual(['in\n', 'in\n', 'in\n']);
    }
    await Promise.all(others.map((sshd) => sshd.stop()));
  });

  it('are replaced when they broke, without failing what had not started', async () => {
    await using pool = await poolFor(farm, [daemon]);
    const target = hostOn(farm, daemon);
    await run(pool, target, 'true');
    for (let round = 0; round < 3; round++) {
      await daemon.dropConnections();
      expect((await run(pool, target, 'echo in')).stdout).toBe('in\n');
    }
  });

  describe('to a server that answers no more', () => {
    const freeze = async () => {
      await Promise.all((await daemon.connections()).map(standStill));
    };
    // A frozen process ends when it is killed.
    afterEach(() => daemon.dropConnections());

    it('are found dead by their keepalive', async () => {
      await using pool = await poolFor(farm, [daemon], { keepaliveMs: 50 });
      const channel = await pool.exec(hostOn(farm, daemon), 'sleep 65', { deadline: new Deadline(0) });
      channel.stdout.resume();
      channel.stderr.resume();
      await freeze();
      expect((await failure(channel.exit)).code).toBe('RESET');
    });

    it('are used no more once a command could not be started in time', async () => {
      await using pool = await poolFor(farm, [daemon]);
      const target = hostOn(farm, daemon);
      await run(pool, target, 'true');
      await freeze();
      const error = await failure(run(pool, target, 'true', { deadline: new Deadline(200) }));
      expect(error).toMatchObject({ code: 'TIMEOUT', phase: 'channel' });
      expect((await run(pool, target, 'echo in')).stdout).toBe('in\n');
    });
  });

  describe('cannot be had', () => {
    const nobody = async () => host('dead', '127.0.2.9', { port: await freePort('127.0.2.9') });

    it('where nothing listens', async () => {
      await using pool = await poolFor(farm, []);
      const error = await failure(run(pool, await nobody(), 'true'));
      expect(error).toMatchObject({ code: 'REFUSED', phase: 'connect', host: 'dead' });
    });

    it('where a name is unknown', async () => {
      await using pool = await poolFor(farm, []);
      const error = await failure(run(pool, host('dead', 'no-such-host.invalid'), 'true'));
      expect(error).toMatchObject({ code: 'DNS', phase: 'dns' });
    });

    it.each([
      ['its own time', { connectTimeoutMs: 1000 }, 0],
      ['the time of the check', {}, 1000],
    ])('where the server accepts and never speaks: %s is over', async (_, ssh, deadlineMs) => {
      const sockets = new Set<net.Socket>();
      const mute = net.createServer((socket) => {
        sockets.add(socket);
        socket.resume().on('error', () => {});
        socket.on('close', () => sockets.delete(socket));
      });
      mute.listen(0, '127.0.2.8');
      await once(mute, 'listening');
      {
        await using pool = await poolFor(farm, []);
        const { port } = mute.address() as net.AddressInfo;
        const error = await failure(
          run(pool, host('mute', '127.0.2.8', { port, ...ssh }), 'true', {
            deadline: new Deadline(deadlineMs),
          }),
        );
        expect(error).toMatchObject({
          code: 'TIMEOUT',
          phase: 'handshake',
          message: expect.stringContaining(`127.0.2.8:${port} took the connection, and sent no SSH greeting`),
        });
        await until('the socket to be closed', () => sockets.size === 0);
        const again = await failure(run(pool, host('mute', '127.0.2.8', { port, ...ssh }), 'true'));
        expect(again.code).toBe('CIRCUIT_OPEN');
      }
      mute.close();
      await once(mute, 'close');
    });

    it.each([
      ['hangs up at once', '', 'RESET'],
      ['speaks another protocol', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n', 'RESET'],
      ['speaks an ancient version', 'SSH-1.5-old\r\n', 'PROTOCOL'],
    ])('where the server %s', async (_, words, code) => {
      const rude = net.createServer((socket) => {
        socket.on('error', () => {}).resume();
        socket.end(words);
      });
      rude.listen(0, '127.0.2.8');
      await once(rude, 'listening');
      {
        await using pool = await poolFor(farm, []);
        const { port } = rude.address() as net.AddressInfo;
        const error = await failure(run(pool, host('rude', '127.0.2.8', { port }), 'true'));
        expect(error).toMatchObject({ code, phase: 'handshake' });
      }
      rude.close();
      await once(rude, 'close');
    });

    it('by those who wait for the same attempt: they share its error', async () => {
      let accepted = 0;
      const slow = net.createServer((socket) => {
        accepted++;
        socket.on('error', () => {});
        setTimeout(() => socket.destroy(), 200);
      });
      slow.listen(0, '127.0.2.8');
      await once(slow, 'listening');
      {
        await using pool = await poolFor(farm, []);
        const { port } = slow.address() as net.AddressInfo;
        const errors = await Promise.all(
          ['one', 'two', 'three'].map((name) =>
            failure(run(pool, host(name, '127.0.2.8', { port }), 'true')),
          ),
        );
        expect(errors.map(({ code, host: name }) => `${name} ${code}`)).toEqual([
          'one RESET',
          'two RESET',
          'three RESET',
        ]);
        expect(accepted).toBe(1);
      }
      slow.close();
      await once(slow, 'close');
    });
  });

  it('go on being opened for those who still wait when one gives up', async () => {
    await using pool = await poolFor(farm, [daemon]);
    const target = hostOn(farm, daemon);
    const cancel = new AbortController();
    const impatient = failure(run(pool, target, 'true', { deadline: new Deadline(0, cancel.signal) }));
    const patient = run(pool, target, 'echo in');
    cancel.abort();
    expect(await impatient).toMatchObject({ code: 'CANCELLED', host: 'target' });
    expect((await patient).stdout).toBe('in\n');
  });

  it('are given up with their socket when nobody waits any more', async () => {
    const cancel = new AbortController();
    const mute = net.createServer((socket) => {
      socket.on('error', () => {}).resume();
      socket.on('close', () => mute.emit('hung up'));
      cancel.abort();
    });
    mute.listen(0, '127.0.2.8');
    await once(mute, 'listening');
    const hungUp = once(mute, 'hung up');
    {
      await using pool = await poolFor(farm, []);
      const { port } = mute.address() as net.AddressInfo;
      const deadline = new Deadline(0, cancel.signal);
      const error = await failure(run(pool, host('mute', '127.0.2.8', { port }), 'true', { deadline }));
      expect(error).toMatchObject({ code: 'CANCELLED', host: 'mute' });
      await hungUp;
    }
    mute.close();
    await once(mute, 'close');
  });

  describe('to a host that was dead', () => {
    it('fail at once, saying since when and why', async () => {
      await using pool = await poolFor(farm, []);
      const dead = host('dead', '127.0.2.9', { port: await freePort('127.0.2.9') });
      expect((await failure(run(pool, dead, 'true'))).code).toBe('REFUSED');
      const error = await failure(run(pool, dead, 'true'));
      expect(error).toMatchObject({ code: 'CIRCUIT_OPEN', host: 'dead', hint: 'Check the host to try now.' });
      expect(error.message).toMatch(/dead since \d\d:\d\d:\d\d UTC \(REFUSED: .*\); next try in 15 s/);
      expect(MusterError.is(error.cause, 'REFUSED')).toBe(true);
    });

    it('are tried again by a check that a person asks for, which closes the circuit', async () => {
      const sleepy = await farm.start({ address: '127.0.2.5' });
      await sleepy.stop();
      {
        await using pool = await poolFor(farm, [sleepy]);
        const target = hostOn(farm, sleepy);
        expect((await failure(run(pool, target, 'true'))).code).toBe('REFUSED');
        expect((await failure(run(pool, target, 'true', { overrideCircuit: true }))).code).toBe('REFUSED');
        expect((await failure(run(pool, target, 'true'))).code).toBe('CIRCUIT_OPEN');
        await sleepy.resume();
        expect((await run(pool, target, 'echo in', { overrideCircuit: true })).stdout).toBe('in\n');
        await sleepy.dropConnections();
        expect((await run(pool, target, 'echo in')).stdout).toBe('in\n');
      }
      await sleepy.stop();
    });

    it('are tried by one attempt after a while: half-open', async () => {
      const sleepy = await farm.start({ address: '127.0.2.5' });
      await sleepy.stop();
      {
        await using pool = await poolFor(farm, [sleepy], { circuitRetryMs: 300 });
        const target = hostOn(farm, sleepy);
        expect((await failure(run(pool, target, 'true'))).code).toBe('REFUSED');
        expect((await failure(run(pool, target, 'true'))).code).toBe('CIRCUIT_OPEN');
        await until('a try', async () => (await failure(run(pool, target, 'true'))).code === 'REFUSED');
        expect((await failure(run(pool, target, 'true'))).code).toBe('CIRCUIT_OPEN');
        await sleepy.resume();
        const answers = () => run(pool, target, 'echo in').catch(() => undefined);
        await until('the host to be back', async () => (await answers())?.stdout === 'in\n');
      }
      await sleepy.stop();
    });

    it('are tried when it was alive but refused the key', async () => {
      await using pool = await poolFor(farm, []);
      expect((await failure(run(pool, hostOn(farm, daemon), 'true'))).code).toBe('HOST_KEY_UNKNOWN');
      expect((await failure(run(pool, hostOn(farm, daemon), 'true'))).code).toBe('HOST_KEY_UNKNOWN');
    });
  });

  it('are all closed with the pool, also those that are being opened', async () => {
    const pool = await poolFor(farm, [daemon]);
    const target = hostOn(farm, daemon);
    const channel = await pool.exec(target, 'sleep 60', { deadline: new Deadline(0) });
    channel.stdout.resume();
    channel.stderr.resume();
    const opening = failure(run(pool, hostOn(farm, daemon, { identitiesOnly: true }), 'true'));
    await pool.dispose();
    expect((await failure(channel.exit)).code).toBe('CANCELLED');
    expect((await opening).code).toBe('CANCELLED');
    expect((await failure(run(pool, target, 'true'))).code).toBe('CANCELLED');
    await nothingLeft(before, [daemon]);
  });
});
