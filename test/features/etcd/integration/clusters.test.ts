import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deadline } from '../../../../src/platform/batch/deadline';
import {
  type ClusterSurroundings,
  EtcdClusters,
} from '../../../../src/features/etcd/core/client/etcdClusters';
import { passwordSubject } from '../../../../src/features/etcd/core/client/clusterPassword';
import {
  type Authority,
  type CredentialRequest,
  denyingAuthority,
  silentLogger,
} from '../../../../src/platform/host/host';
import { parseInventory } from '../../../harness/inventories';
import type { Inventory } from '../../../../src/platform/inventory/model';
import { EtcdFarm } from '../../../harness/etcd';
import { generateKey, type Sshd, SshdFarm } from '../../../harness/sshd';
import { until } from '../../../harness/until';
import { failure, hostOn, poolFor } from '../../../platform/integration/ssh/sshFixture';
import { bytes } from './etcdFixture';
import { clusterEntries } from '../../../../src/features/etcd/core/section/clusterEntry';

const execute = promisify(execFile);

let etcd: EtcdFarm;
let farm: SshdFarm;
let daemon: Sshd;
beforeAll(async () => {
  [etcd, farm] = await Promise.all([EtcdFarm.start(), SshdFarm.create()]);
  daemon = await farm.start();
  await etcd.enableAuth({ sre: { password: 'right', prefix: '/config/', may: 'readwrite' } });
});
afterAll(async () => {
  await Promise.all([etcd[Symbol.asyncDispose](), farm[Symbol.asyncDispose]()]);
});

/** An inventory whose cluster `main` is reached through the daemon. */
function inventoryOf(cluster: string, host = hostOn(farm, daemon, {}, 'bastion')): Inventory {
  const text = `hosts: { bastion: }\netcd: { main: { endpoints: [${etcd.endpoints.join(', ')}]${cluster} } }\n`;
  const inventory = parseInventory(text, '/fleet/muster.yaml');
  expect(inventory.problems).toEqual([]);
  return { ...inventory, hosts: new Map([['bastion', host]]) };
}

/** Gives the passwords one after the other, slowly if it takes `ms`, and keeps what it was asked. */
function answering(passwords: (string | undefined)[], ms = 0) {
  const asked: CredentialRequest[] = [];
  const worked: CredentialRequest[] = [];
  const authority: Authority = {
    ...denyingAuthority,
    credential: async (request) => {
      asked.push(request);
      await new Promise((resolve) => setTimeout(resolve, ms));
      return passwords.shift();
    },
    accepted: (request) => worked.push(request),
  };
  return { asked, worked, authority };
}

async function clustersOf(
  inventory: () => Inventory,
  authority = denyingAuthority,
  trusted = [daemon],
  surroundings: ClusterSurroundings = {},
) {
  const transport = await poolFor(farm, trusted, { authority });
  const clusters = new EtcdClusters({
    ...surroundings,
    ...{ inventory, transport, authority, logger: silentLogger },
  });
  return {
    clusters,
    async ready(ms = 10_000) {
      const deadline = new Deadline(ms);
      return clusters.ready('main', deadline).finally(() => deadline.dispose());
    },
    async [Symbol.asyncDispose]() {
      await clusters.dispose();
      await transport.dispose();
    },
  };
}

const user = ', username: sre';

describe('a cluster behind a bastion', () => {
  it('is reached over the SSH pool, and written to', async () => {
    const { authority } = answering(['right']);
    await using open = await clustersOf(() => inventoryOf(`${user}, through: bastion`), authority);
    const cluster = await open.ready();
    await cluster.put(bytes('/config/through'), bytes('a bastion'));
    expect((await cluster.get(bytes('/config/through')))?.value.toString()).toBe('a bastion');
    expect(await open.clusters.get('main')).toBe(cluster);
  });

  it('fails in the words of SSH when the way to it is closed', async () => {
    await using stranger = await clustersOf(() => inventoryOf(', through: bastion'), denyingAuthority, []);
    await expect(stranger.ready()).rejects.toMatchObject({ code: 'HOST_KEY_UNKNOWN', host: 'bastion' });
    const other = await generateKey(join(farm.directory, 'other'), 'ed25519');
    const locked = hostOn(farm, daemon, { identityFile: [other], identitiesOnly: true }, 'bastion');
    await using refused = await clustersOf(() => inventoryOf(', through: bastion', locked));
    await expect(refused.ready()).rejects.toMatchObject({ code: 'AUTH', host: 'bastion' });
  });
});

describe('the password of a cluster', () => {
  it('is asked for again when it was refused, once for all who wait, while their clocks stand still', async () => {
    const { asked, worked, authority } = answering(['wrong', 'right'], 1_800);
    await using open = await clustersOf(() => inventoryOf(user), authority);
    const [one, other] = await Promise.all([open.ready(3_000), open.ready(3_000)]);
    expect(one).toBe(other);
    expect(asked).toMatchObject([
      { kind: 'password', echo: false, retry: false, prompt: 'Password of sre for the etcd cluster main' },
      { retry: true },
    ]);
    expect(worked).toMatchObject([{ subject: asked[1]!.subject, name: 'main' }]);
  });

  it('stops the clock also of who comes while it is asked for', async () => {
    // Longer than the second has, which leaves it time for logging in on a busy machine.
    const { asked, authority } = answering(['right'], 4_000);
    await using open = await clustersOf(() => inventoryOf(user), authority);
    const first = open.ready();
    await until('the question', () => asked.length === 1);
    expect(await open.ready(3_000)).toBe(await first);
  });

  it('is sent for those who wait on, though whoever asked first has given up', async () => {
    const { asked, authority } = answering(['right'], 500);
    await using open = await clustersOf(() => inventoryOf(user), authority);
    const impatient = new AbortController();
    const first = failure(open.clusters.ready('main', new Deadline(0, impatient.signal)));
    const second = open.ready();
    await until('the question', () => asked.length === 1);
    impatient.abort();
    expect((await first).code).toBe('CANCELLED');
    await second;
    expect(asked).toHaveLength(1);
  });

  it('is needed, refused or done, as the login went, and is so for all', async () => {
    const told: (string | undefined)[] = [];
    const { authority } = answering([undefined, 'wrong', 'right']);
    await using open = await clustersOf(() => inventoryOf(user), authority, [], {
      loginChanged: (name) => told.push(open.clusters.loginOf(name)),
    });
    await expect(open.clusters.logIn('main', {})).rejects.toMatchObject({ code: 'AUTH' });
    await open.clusters.logIn('main', {});
    expect(told).toEqual(['needed', 'refused', 'done']);
  });

  it('stays refused where nobody was asked for another one', async () => {
    let isAttended = true;
    const { asked, authority } = answering(['a', 'b', 'c']);
    const deserted: Authority = { ...authority, isAttended: () => isAttended };
    await using open = await clustersOf(() => inventoryOf(user), deserted);
    await expect(open.clusters.logIn('main', {})).rejects.toMatchObject({ code: 'AUTH' });
    isAttended = false;
    await expect(open.clusters.logIn('main', {})).rejects.toMatchObject({ code: 'AUTH' });
    expect([asked.length, open.clusters.loginOf('main')]).toEqual([4, 'refused']);
    isAttended = true;
    await expect(open.clusters.logIn('main', {})).rejects.toMatchObject({ code: 'AUTH' });
    expect(open.clusters.loginOf('main')).toBe('needed');
  });

  it('is not asked for a second time when it was declined, nor for ever when it is wrong', async () => {
    const declining = answering([]);
    await using declined = await clustersOf(() => inventoryOf(user), declining.authority);
    await expect(declined.ready()).rejects.toMatchObject({ code: 'AUTH', phase: 'auth' });
    expect(declining.asked).toHaveLength(1);
    const guessing = answering(['a', 'b', 'c', 'd']);
    await using wrong = await clustersOf(() => inventoryOf(user), guessing.authority);
    await expect(wrong.ready()).rejects.toMatchObject({ code: 'AUTH', phase: 'auth' });
    expect(guessing.asked).toHaveLength(3);
    expect([...declining.worked, ...guessing.worked]).toEqual([]);
  });

  it('names the server that it would be sent to, and is asked for again where that is another one', async () => {
    const { stdout } = await execute('ssh-keygen', ['-lf', daemon.hostKeys[0]!]);
    const { asked, authority } = answering(['right', 'right', 'right']);
    let inventory = inventoryOf(user);
    await using open = await clustersOf(() => inventory, authority);
    await open.ready();
    inventory = inventoryOf(`${user}, through: bastion`);
    await open.ready();
    // The name stays, and the machine behind it is another one.
    const elsewhere = hostOn(
      farm,
      daemon,
      { proxyJump: ['bastion-2'], user: userInfo().username },
      'bastion',
    );
    inventory = inventoryOf(`${user}, through: bastion`, elsewhere);
    await expect(open.ready()).rejects.toThrow();
    const hop = `${userInfo().username}@${daemon.address}:${daemon.port}`;
    expect(asked.map(({ destination }) => destination)).toEqual([
      { fingerprint: '', route: [], vouchedBy: 'user' },
      { fingerprint: stdout.split(' ')[1], route: [hop], vouchedBy: 'user' },
    ]);
  });

  it('is kept under all that it may be sent to', () => {
    const subject = (text: string) => {
      const file = `hosts: { a: , b: }\netcd: { main: { endpoints: ${text} } }`;
      return passwordSubject(parseInventory(file, '/fleet/muster.yaml').section(clusterEntries).get('main')!);
    };
    const subjects = [
      '[x, y], username: sre',
      '[x], username: sre',
      '[x], username: root',
      '[x], username: sre, tls: {}',
      '[x], username: sre, through: a',
      '[x], username: sre, through: b',
    ].map(subject);
    expect(new Set(subjects).size).toBe(subjects.length);
    expect(subject('[https://x], username: sre')).toBe(subject('[x], tls: {}, username: sre'));
  });
});

describe('a cluster whose entry is edited', () => {
  it('is another client from then on, and the same for edits that do not concern it', async () => {
    let inventory = inventoryOf('');
    await using open = await clustersOf(() => inventory);
    const before = await open.clusters.get('main');
    inventory = inventoryOf(', prefix: /config/, protected: true');
    expect(await open.clusters.get('main')).toBe(before);
    inventory = inventoryOf(', readOnly: true');
    const after = await open.clusters.get('main');
    expect(after).not.toBe(before);
    await expect(before.get(bytes('x'))).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(after.put(bytes('x'), bytes('y'))).rejects.toMatchObject({ code: 'READ_ONLY' });
    inventory = inventoryOf('');
    open.clusters.closeChanged();
    await expect(after.get(bytes('x'))).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(open.clusters.get('mian')).rejects.toMatchObject({ hint: 'Did you mean “main”?' });
  });

  it('is not given to who takes it for what it was', async () => {
    let inventory = inventoryOf('');
    await using open = await clustersOf(() => inventory);
    const entry = inventory.section(clusterEntries).get('main')!;
    const before = await open.clusters.get('main', entry);
    inventory = inventoryOf(', prefix: /config/');
    expect(await open.clusters.get('main', entry)).toBe(before);
    inventory = inventoryOf(', readOnly: true');
    await expect(open.clusters.get('main', entry)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
