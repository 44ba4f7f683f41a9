import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorReport, MusterError } from '../../../../src/platform/errors/errors';
import type { EtcdSettings } from '../../../../src/features/etcd/core/client/etcdSettings';
import { EtcdFarm } from '../../../harness/etcd';
import { freePort } from '../../../harness/ports';
import { until } from '../../../harness/until';
import { bytes, connect, under, Witness } from './etcdFixture';

async function failure(work: Promise<unknown>): Promise<MusterError> {
  const error: unknown = await work.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(MusterError);
  return error as MusterError;
}

describe('a cluster that wants client certificates', () => {
  let farm: EtcdFarm;
  beforeAll(async () => {
    farm = await EtcdFarm.start({ tls: true });
  });
  afterAll(() => farm[Symbol.asyncDispose]());

  async function attempt(
    tls: EtcdSettings['tls'],
    endpoints: readonly string[] = farm.endpoints,
  ): Promise<number> {
    await using cluster = await connect(endpoints, { tls });
    return await cluster.count(under(''));
  }

  it('is reached with the right ones, by address or by name', async () => {
    const { ca, client } = farm.certificates!;
    expect(await attempt({ ca, ...client })).toBe(0);
    expect(await attempt({ ca, ...client, serverName: 'etcd.example' })).toBe(0);
  });

  it('watches over TLS', async () => {
    const { ca, client } = farm.certificates!;
    await using cluster = await connect(farm.endpoints, { tls: { ca, ...client } });
    await using watch = cluster.watch(under('/w'));
    const witness = new Witness(watch);
    await until('the watch', () => witness.of('connected')[0]);
    await cluster.put(bytes('/w'), bytes('1'));
    await until('the event', () => witness.events.length === 1);
  });

  it.each([
    ['without a client certificate', () => ({ ca: farm.certificates!.ca }), /tls\.cert and tls\.key/],
    [
      'with a client certificate of another authority',
      () => {
        const { ca, stranger } = farm.certificates!;
        return { ca, cert: stranger.cert, key: stranger.key };
      },
      /tls\.cert and tls\.key/,
    ],
    [
      'when another authority is trusted',
      () => {
        const { stranger, client } = farm.certificates!;
        return { ca: stranger.ca, ...client };
      },
      /tls\.ca/,
    ],
    [
      'under another name',
      () => {
        const { ca, client } = farm.certificates!;
        return { ca, ...client, serverName: 'other.example' };
      },
      /tls\.serverName/,
    ],
  ])('is not reached %s', async (_, tls, hint) => {
    const error = await failure(attempt(tls()));
    expect({ code: error.code, phase: error.phase }).toEqual({ code: 'TLS', phase: 'tls' });
    expect(error.hint).toMatch(hint);
  });

  it('is not reached without TLS, nor another service with it', async () => {
    const port = new URL(farm.endpoints[0]!).port;
    const plain = await failure(attempt(undefined, [`http://127.0.0.1:${port}`]));
    expect(['RESET', 'UNREACHABLE', 'TLS']).toContain(plain.code);
  });

  it('says which file cannot be used', async () => {
    const { ca, client } = farm.certificates!;
    expect(await failure(attempt({ ca: '/nowhere.pem' }))).toMatchObject({ code: 'TLS' });
    expect(await failure(attempt({ ca, cert: client.cert, key: ca }))).toMatchObject({ code: 'TLS' });
  });
});

describe('a cluster with users', () => {
  let farm: EtcdFarm;
  beforeAll(async () => {
    farm = await EtcdFarm.start();
    await farm.enableAuth({
      editor: { password: 'right', prefix: '/config/', may: 'readwrite' },
      reader: { password: 'right', prefix: '/config/', may: 'read' },
    });
  });
  afterAll(() => farm[Symbol.asyncDispose]());

  const as = (username: string | undefined, password?: string) =>
    connect(farm.endpoints, { username }, { password: () => Promise.resolve(password) });

  it('lets a user do what its role allows, asking for the password once', async () => {
    let asked = 0;
    const password = () => Promise.resolve(`right${asked++ > 0 ? asked : ''}`);
    await using cluster = await connect(farm.endpoints, { username: 'editor' }, { password });
    await Promise.all([1, 2, 3].map((number) => cluster.put(bytes(`/config/${number}`), bytes('x'))));
    expect(await cluster.count(under('/config/'))).toBe(3);
    expect(asked).toBe(1);
    const { endpoints } = await cluster.status();
    expect(endpoints[0]).toMatchObject({ healthy: true, errors: [] });
  });

  it.each([
    ['a wrong password', 'editor', 'wrong', 'auth'],
    ['an unknown user', 'nobody', 'right', 'auth'],
    ['no password', 'editor', undefined, 'auth'],
    ['no user', undefined, undefined, 'auth'],
  ])('refuses %s', async (_, username, password, phase) => {
    await using cluster = await as(username, password);
    const error = await failure(cluster.count(under('/config/')));
    expect({ code: error.code, phase: error.phase }).toEqual({ code: 'AUTH', phase });
    expect(error.hint).toMatch(/user|password/);
    expect(JSON.stringify(error.message)).not.toContain('right');
  });

  it('asks again after a wrong password', async () => {
    const retries: boolean[] = [];
    const password = (retry: boolean) => Promise.resolve(retries.push(retry) > 1 ? 'right' : 'wrong');
    await using cluster = await connect(farm.endpoints, { username: 'reader' }, { password });
    await failure(cluster.count(under('/config/')));
    await cluster.count(under('/config/'));
    expect(retries).toEqual([false, true]);
  });

  /** Logins that etcd has refused since it was started, by its own log. */
  const refusals = () => farm.members[0]!.log.match(/invalid authentication/g)?.length ?? 0;

  it('is sent a wrong password once, by however many calls, and never again', async () => {
    const answers = ['wrong', 'wrong', 'worse', 'worse', 'right'];
    const told: string[] = [];
    await using cluster = await connect(
      [...farm.endpoints, farm.endpoints[0]!.replace('127.0.0.1', 'localhost')],
      { username: 'editor' },
      {
        password: () => Promise.resolve(answers.shift()),
        passwordRefused: () => told.push('refused'),
        passwordAccepted: () => told.push('accepted'),
      },
    );
    const all = () =>
      Promise.allSettled([
        ...[cluster.status(), cluster.count(under('/config/')), cluster.put(bytes('/config/1'), bytes('x'))],
        ...[cluster.get(bytes('/config/1')), cluster.watch(under('/config/'))[Symbol.asyncIterator]().next()],
      ]);
    const before = refusals();
    const [status, ...others] = await all();
    expect(others.map(({ status: outcome }) => outcome)).toEqual(Array(4).fill('rejected'));
    expect(status).toMatchObject({
      value: {
        endpoints: [{ error: { code: 'AUTH', phase: 'auth' } }, { error: { code: 'AUTH', phase: 'auth' } }],
      },
    });
    await until('the refusal in the log', () => refusals() > before);
    expect(refusals() - before).toBe(1);
    // The same one once more is not sent.
    expect(await failure(cluster.count(under('/config/')))).toMatchObject({ code: 'AUTH', phase: 'auth' });
    expect(refusals() - before).toBe(1);
    await failure(cluster.count(under('/config/')));
    await until('the second refusal', () => refusals() > before + 1);
    expect(refusals() - before).toBe(2);
    // Its user says that it is to be tried again.
    cluster.transport.tryAgain();
    await failure(cluster.count(under('/config/')));
    await until('the third refusal', () => refusals() > before + 2);
    await cluster.count(under('/config/'));
    expect({ refused: refusals() - before, answers, told }).toEqual({
      ...{ refused: 3, answers: [] },
      told: ['refused', 'refused', 'refused', 'refused', 'accepted'],
    });
  });

  it('asks each call that was given no password, for perhaps nobody waited for the other', async () => {
    const answers = [undefined, 'right'];
    const password = async () => answers.shift();
    await using cluster = await connect(farm.endpoints, { username: 'editor' }, { password });
    const counts = await Promise.allSettled([1, 2].map(() => cluster.count(under('/config/'))));
    expect(counts.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  it('refuses what the role does not allow, a watch too', async () => {
    await using cluster = await as('reader', 'right');
    const refused = { code: 'AUTH', phase: 'request' };
    expect(await failure(cluster.put(bytes('/config/x'), bytes('1')))).toMatchObject(refused);
    expect(await failure(cluster.count(under('/secret/')))).toMatchObject(refused);
    await using watch = cluster.watch(under('/secret/'), { fromRevision: 1, maxTrackedKeys: 0 });
    expect(await new Witness(watch).ended).toMatchObject(refused);
  });

  it('goes on with a new token when etcd has forgotten the old one', async () => {
    await using cluster = await as('editor', 'right');
    await using watch = cluster.watch(under('/config/'));
    const witness = new Witness(watch);
    await until('the watch', () => witness.of('connected')[0]);
    await farm.members[0]!.kill();
    await until('the loss', () => witness.of('disconnected')[0]);
    await farm.members[0]!.start();
    await until('the return', () => witness.of('resumed')[0]);
    await until('a leader', () =>
      cluster.put(bytes('/config/again'), bytes('1')).then(
        () => true,
        () => false,
      ),
    );
    await until('the event', () => witness.events.length > 0);
  });
});

describe('a learner that is listed first', () => {
  let farm: EtcdFarm;
  let endpoints: string[];
  beforeAll(async () => {
    farm = await EtcdFarm.start();
    const learner = await farm.addLearner();
    endpoints = [learner.url, ...farm.endpoints];
    await until('the learner', async () => {
      await using cluster = await connect([learner.url]);
      return (await cluster.status()).endpoints[0]!.healthy;
    });
  });
  afterAll(() => farm[Symbol.asyncDispose]());

  it('refuses, and the next member reads', async () => {
    await using cluster = await connect(endpoints);
    expect(await cluster.count(under('/none'))).toBe(0);
    expect(cluster.transport.preferred).toBe(endpoints[1]);
  });

  it('refuses, and the next member writes, once', async () => {
    await using cluster = await connect(endpoints);
    await cluster.put(bytes('/once'), bytes('1'));
    expect(await cluster.get(bytes('/once'))).toMatchObject({ version: 1 });
  });

  it('refuses, and the next member grants and revokes leases', async () => {
    await using granting = await connect(endpoints);
    const { id } = await granting.grantLease(60);
    await using asking = await connect(endpoints);
    expect(await asking.leases()).toContain(id);
    await using revoking = await connect(endpoints);
    await revoking.revokeLease(id);
    expect(await revoking.lease(id)).toMatchObject({ ttl: undefined });
  });

  it.each([undefined, 1])('refuses, and the next member watches from %s', async (fromRevision) => {
    await using cluster = await connect(endpoints);
    await using watch = cluster.watch(under('/w'), { fromRevision, maxTrackedKeys: 0 });
    const witness = new Witness(watch);
    const { endpoint } = await until('the watch', () => witness.of('connected')[0]);
    expect(endpoint).toBe(endpoints[1]);
  });

  it('is healthy as a learner', async () => {
    await using cluster = await connect(endpoints);
    const { endpoints: members, alarms } = await cluster.status();
    expect(members.map(({ healthy, learner }) => ({ healthy, learner }))).toEqual([
      { healthy: true, learner: true },
      { healthy: true, learner: false },
    ]);
    expect(alarms).toEqual([]);
  });

  it('says what it is when there is no other', async () => {
    await using cluster = await connect([endpoints[0]!]);
    const error = await failure(cluster.count(under('/')));
    expect(error).toMatchObject({ code: 'UNREACHABLE', message: 'rpc not supported for learner' });
    expect(error.hint).toMatch(/voting member/);
  });

  it('refuses a login, and the next member takes it', async () => {
    await farm.enableAuth({ editor: { password: 'right', prefix: '/', may: 'readwrite' } });
    const password = () => Promise.resolve('right');
    await using cluster = await connect(endpoints, { username: 'editor' }, { password });
    await cluster.put(bytes('/login'), bytes('1'));
    expect(await cluster.count(under('/login'))).toBe(1);
  });
});

describe('endpoints', () => {
  it('are tried in turn, and the one that answers is kept', async () => {
    await using farm = await EtcdFarm.start();
    const dead = `127.0.0.1:${await freePort()}`;
    await using cluster = await connect([dead, ...farm.endpoints]);
    await cluster.put(bytes('/x'), bytes('1'));
    expect(cluster.transport.preferred).toBe(farm.endpoints[0]);
    const { endpoints } = await cluster.status();
    expect(endpoints.map(({ healthy, error }) => [healthy, error?.code])).toEqual([
      [false, 'REFUSED'],
      [true, undefined],
    ]);
  });

  it('that hang end a call at its timeout, or when it is cancelled', async () => {
    await using farm = await EtcdFarm.start();
    await using cluster = await connect(farm.endpoints);
    await cluster.count(under('/'));
    await farm.members[0]!.freeze();
    const begin = performance.now();
    expect(await failure(cluster.count(under('/'), { timeoutMs: 200 }))).toMatchObject({ code: 'TIMEOUT' });
    const controller = new AbortController();
    const cancelled = failure(cluster.count(under('/'), { signal: controller.signal }));
    controller.abort();
    expect(await cancelled).toMatchObject({ code: 'CANCELLED' });
    expect(performance.now() - begin).toBeLessThan(5_000);
    farm.members[0]!.thaw();
  });

  it('answer at once when they are back, however often they were called while they were away', async () => {
    await using farm = await EtcdFarm.start();
    await using cluster = await connect(farm.endpoints);
    const [member] = farm.members;
    await cluster.count(under('/'));
    await member!.kill();
    const began = performance.now();
    // The client rests for longer after each attempt.
    await until('the longest rest', async () => {
      await failure(cluster.count(under('/')));
      return performance.now() - began > 4_000;
    });
    await member!.start();
    await farm.healthy();
    expect(await cluster.count(under('/'))).toBe(0);
    await using watch = cluster.watch(under('/'));
    const { value } = await watch[Symbol.asyncIterator]().next();
    expect(value).toMatchObject({ type: 'connected' });
  });

  it('that hang leave it open whether a write was done', async () => {
    await using farm = await EtcdFarm.start();
    await using cluster = await connect(farm.endpoints);
    await cluster.count(under('/'));
    await farm.members[0]!.freeze();
    const error = await failure(cluster.put(bytes('/x'), bytes('1'), { lease: 'none', timeoutMs: 300 }));
    expect(error).toMatchObject({ code: 'TIMEOUT' });
    expect(error.hint).toMatch(/unknown/);
    farm.members[0]!.thaw();
  });

  it('that never answered have written nothing', async () => {
    await using farm = await EtcdFarm.start();
    await farm.members[0]!.freeze();
    await using silent = await connect(farm.endpoints);
    await using absent = await connect([`127.0.0.1:${await freePort()}`]);
    const put = (cluster: typeof silent, lease?: 'none') =>
      failure(cluster.put(bytes('/x'), bytes('1'), { lease, timeoutMs: 300 }));
    // With a lease to choose the key is read first.
    for (const lease of ['none', undefined] as const) {
      for (const [cluster, code] of [[silent, 'TIMEOUT'] as const, [absent, 'REFUSED'] as const]) {
        const error = await put(cluster, lease);
        expect(error).toMatchObject({ code, phase: 'connect' });
        expect(error.hint).toMatch(/^Nothing was written\. /);
        expect(errorReport(error).causes).toEqual([]);
      }
    }
    farm.members[0]!.thaw();
  });

  it('that nobody serves are refused', async () => {
    await using cluster = await connect([`127.0.0.1:${await freePort()}`]);
    expect(await failure(cluster.count(under('/')))).toMatchObject({ code: 'REFUSED', phase: 'connect' });
    await using watch = cluster.watch(under('/'));
    expect(await new Witness(watch).ended).toMatchObject({ code: 'REFUSED' });
  });
});
