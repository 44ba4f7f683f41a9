import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../../../src/features/checks/core/probe';
import { probes } from '../../../../src/features/checks/core/probes';
import { type Core, createCore } from '../../../../src/engine/createCore';
import { Deadline } from '../../../../src/platform/batch/deadline';
import { errorReport, type ErrorReport } from '../../../../src/platform/errors/errors';
import { silentLogger, type Authority } from '../../../../src/platform/host/host';
import { openEtcd } from '../../../../src/features/etcd/core/client/etcdCluster';
import { parseInventory } from '../../../harness/inventories';
import { planChecks } from '../../../../src/features/checks/core/checkBatch';
import { EtcdFarm } from '../../../harness/etcd';
import { freePort } from '../../../harness/ports';
import { until } from '../../../harness/until';
import { webHost } from './fixtures';

const asked: string[] = [];
let answers: string[] = [];
const authority: Authority = {
  unknownHostKey: () => Promise.resolve('reject'),
  credential: ({ subject, retry }) => {
    asked.push(`${retry ? 'again ' : ''}${subject}`);
    return Promise.resolve(answers.shift());
  },
};

let core: Core;
beforeAll(() => {
  core = createCore({ logger: silentLogger, authority, knownHostsFile: '/nonexistent/known_hosts' });
});
afterAll(() => core.dispose());

/** Runs the check on the member at 127.0.0.1. */
async function check(input: object, timeoutMs = 5_000): Promise<Finding> {
  const { settings, run } = probes.find(({ type }) => type === 'etcd')!;
  const deadline = new Deadline(timeoutMs);
  try {
    const context = {
      deadline,
      transport: core.transport,
      etcd: core.etcd,
      overrideCircuit: false,
      directory: '/',
    };
    return await run(webHost, settings.parse(input), context);
  } finally {
    deadline.dispose();
  }
}

const failure = (input: object, timeoutMs?: number): Promise<ErrorReport> =>
  check(input, timeoutMs).then(({ message }) => Promise.reject(new Error(message)), errorReport);

/** Runs the one check of an inventory as a batch does. */
async function checkCluster(farm: EtcdFarm, entry: string, more = '', timeout = '5s') {
  const inventory = parseInventory(
    `hosts: { bastion: }
etcd: { main: { endpoints: [${farm.endpoints.join(', ')}]${entry} } }
checks: { config: { type: etcd, on: bastion, cluster: main, timeout: ${timeout}${more} } }`,
    '/fleet/muster.yaml',
  );
  expect(inventory.problems).toEqual([]);
  core.inventory = inventory;
  const { results } = await core.check(planChecks(inventory));
  return results[0]!;
}

describe('a check of the member at the host’s address', () => {
  let farm: EtcdFarm;
  let port: number;
  beforeAll(async () => {
    farm = await EtcdFarm.start({ arguments: ['--quota-backend-bytes', String(24 * 1024 ** 2)] });
    port = farm.members[0]!.port;
  });
  afterAll(() => farm[Symbol.asyncDispose]());

  it('is healthy when the member knows a leader and reads with consent', async () => {
    expect(await check({ port })).toMatchObject({
      status: 'healthy',
      message: expect.stringMatching(/^etcd 3\.\d+\.\d+, leads, db \d+ KiB, revision \d+, [\d.]+ ms$/),
      phases: { total: expect.any(Number) },
    });
  });

  it('measures the database, the read and the revision of each member that answers', async () => {
    const { measurements } = await check({ port });
    const attributes = { endpoint: expect.stringContaining(`:${port}`) };
    const value = expect.any(Number);
    expect(measurements).toEqual([
      { name: 'duration', value, unit: 'ms' },
      { name: 'etcd.read.duration', value, unit: 'ms', attributes },
      { name: 'etcd.db.size', value, unit: 'By', attributes },
      { name: 'etcd.db.size_in_use', value, unit: 'By', attributes },
      { name: 'etcd.revision', value, unit: '1', attributes },
      { name: 'etcd.alarms', value: 0, unit: '1' },
    ]);
  });

  it('judges latency and the size of the database', async () => {
    expect(await check({ port, expect: { maxLatency: '1s', maxDbSize: '1GiB' } })).toMatchObject({
      status: 'healthy',
    });
    expect(await check({ port, expect: { maxDbSize: { warn: '1KiB', critical: '1GiB' } } })).toMatchObject({
      status: 'degraded',
      message: expect.stringMatching(/^expected a database of at most 1\.0 KiB, got \d+ KiB$/),
    });
    expect(await check({ port, expect: { maxLatency: '1ms' } })).toMatchObject({
      status: 'unhealthy',
      message: expect.stringMatching(/^expected at most 1 ms, got/),
    });
  });

  it('is unhealthy while there is an alarm', async () => {
    const settings = {
      name: 'full',
      endpoints: farm.endpoints,
      prefix: '',
      readOnly: false,
      protected: false,
    };
    const cluster = await openEtcd(settings, { directory: farm.directory });
    const value = Buffer.alloc(600_000, 'x');
    const fill = async () => {
      for (let puts = 0; ; puts++) await cluster.put(Buffer.from(`fill/${puts}`), value, { ifRevision: 0 });
    };
    await expect(fill()).rejects.toMatchObject({ code: 'NO_SPACE' });
    await cluster.close();
    expect(await check({ port })).toMatchObject({
      status: 'unhealthy',
      message: expect.stringMatching(/^expected no alarm, got NOSPACE of member [\da-f]+/),
    });
  });

  it('says why nobody answers', async () => {
    expect(await failure({ port: await freePort() })).toMatchObject({ code: 'REFUSED', phase: 'connect' });
    await farm.members[0]!.freeze();
    try {
      expect(await failure({ port }, 700)).toMatchObject({ code: 'TIMEOUT' });
    } finally {
      farm.members[0]!.thaw();
    }
  });
});

describe('a check with mutual TLS', () => {
  let farm: EtcdFarm;
  beforeAll(async () => {
    farm = await EtcdFarm.start({ tls: true });
  });
  afterAll(() => farm[Symbol.asyncDispose]());

  it('is healthy with the right certificates, and says what is wrong with others', async () => {
    const { port } = farm.members[0]!;
    const { ca, client, stranger } = farm.certificates!;
    expect(await check({ port, tls: { ca, ...client } })).toMatchObject({ status: 'healthy' });
    const { ca: otherCa, cert, key } = stranger;
    expect(await failure({ port, tls: { ca: otherCa, ...client } })).toMatchObject({ code: 'TLS' });
    expect(await failure({ port, tls: { ca, cert, key } })).toMatchObject({ code: 'TLS' });
    const wrongName = { ca, ...client, serverName: 'elsewhere.example' };
    expect(await failure({ port, tls: wrongName })).toMatchObject({
      code: 'TLS',
      hint: expect.stringContaining('serverName'),
    });
  });
});

describe('a check of a cluster', () => {
  let farm: EtcdFarm;
  beforeAll(async () => {
    farm = await EtcdFarm.start({ members: 3 });
  });
  afterAll(() => farm[Symbol.asyncDispose]());

  it('asks all endpoints, is degraded without one and unhealthy without most', async () => {
    expect(await checkCluster(farm, '')).toMatchObject({
      status: 'healthy',
      message: expect.stringMatching(/^3 endpoints, 127\.0\.0\.1:\d+ leads, db/),
    });
    const [first, second] = farm.members;
    await first!.kill();
    await farm.healthy();
    expect(await checkCluster(farm, '')).toMatchObject({
      status: 'degraded',
      message: expect.stringContaining(
        `expected 3 healthy endpoints, got 2: 127.0.0.1:${first!.port} REFUSED`,
      ),
    });
    expect(await checkCluster(farm, '', ', expect: { members: 3 }')).toMatchObject({ status: 'unhealthy' });
    await second!.kill();
    expect(await checkCluster(farm, '', '', '3s')).toMatchObject({
      status: 'unhealthy',
      error: { code: expect.stringMatching(/EXPECTATION|REFUSED/) },
    });
    await first!.start();
    await second!.start();
    await farm.healthy();
    // The client rests a moment between attempts to connect.
    await until('a healthy check', async () => (await checkCluster(farm, '')).status === 'healthy');
  });
});

describe('a check of a cluster with users', () => {
  let farm: EtcdFarm;
  beforeAll(async () => {
    farm = await EtcdFarm.start();
    await farm.enableAuth({ sre: { password: 'right', prefix: '/config/', may: 'read' } });
  });
  afterAll(() => farm[Symbol.asyncDispose]());

  it('without a user has been answered, and says what it could not try', async () => {
    expect(await check({ port: farm.members[0]!.port })).toMatchObject({
      status: 'healthy',
      warning: expect.stringContaining('has users'),
    });
  });

  it('asks for the password until it is right, once for all checks, and not against the clock', async () => {
    answers = ['wrong', 'right'];
    asked.length = 0;
    expect(await checkCluster(farm, ', username: sre')).toMatchObject({ status: 'healthy' });
    expect(await checkCluster(farm, ', username: sre')).toMatchObject({ status: 'healthy' });
    const subject = `etcd sre@http://127.0.0.1:${farm.members[0]!.port}`;
    expect(asked).toEqual([subject, `again ${subject}`]);
  });

  it('is unhealthy with AUTH when no password is given', async () => {
    answers = [];
    expect(await checkCluster(farm, ', username: nobody')).toMatchObject({
      status: 'unhealthy',
      error: { code: 'AUTH', phase: 'auth' },
    });
  });
});
