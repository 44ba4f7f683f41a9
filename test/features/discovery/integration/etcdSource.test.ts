import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EtcdFarm } from '../../../harness/etcd';
import { TcpProxy } from '../../../harness/tcpProxy';
import { until } from '../../../harness/until';
import { FollowedInventory } from './discoveryFixture';

let farm: EtcdFarm;
beforeAll(async () => {
  farm = await EtcdFarm.start();
});
afterAll(() => farm[Symbol.asyncDispose]());

let count = 0;
/** A prefix of its own, and an inventory that follows it. */
const followed = (endpoint = farm.endpoints[0]!) => {
  const prefix = `/services/${++count}/`;
  const put = (name: string, value: string, ...words: string[]) =>
    farm.etcdctl('put', ...words, '--', `${prefix}${name}`, value);
  const open = () =>
    new FollowedInventory(
      `etcd: { main: { endpoints: ['${endpoint}'] } }\ndiscover: { web: { etcd: main, prefix: ${prefix} } }\n`,
    );
  return { prefix, put, open };
};

describe('Hosts that are registered in etcd', () => {
  it('come and go with their keys, and with the leases of these', async () => {
    const { prefix, put, open } = followed();
    await put('a', '10.0.0.1:80');
    await using inventory = open();
    await until('the first', () => inventory.hosts.length === 1);
    expect(inventory.originOf('web')).toMatchObject({ state: 'current' });

    await put('b', '{"host":"10.0.0.2"}');
    await until('the second', () => inventory.hosts.join() === 'a 10.0.0.1,b 10.0.0.2');

    const lease = /lease (\w+)/.exec(await farm.etcdctl('lease', 'grant', '2'))![1]!;
    await put('leased', '10.0.0.3', `--lease=${lease}`);
    await until('the leased one', () => inventory.hosts.includes('leased 10.0.0.3'));
    await until('its end', () => !inventory.hosts.includes('leased 10.0.0.3'));

    await farm.etcdctl('del', `${prefix}a`);
    await until('one less', () => inventory.hosts.join() === 'b 10.0.0.2');
    await put('b', '10.0.0.22');
    await until('another address', () => inventory.hosts.join() === 'b 10.0.0.22');
  });

  it('are not drawn anew by a key that is written again as it was', async () => {
    const { put, open } = followed();
    await put('a', '10.0.0.1');
    await using inventory = open();
    await until('the first', () => inventory.hosts.length === 1);
    const { changes } = inventory;
    for (let index = 0; index < 5; index++) await put('a', '10.0.0.1');
    await put('b', '10.0.0.2');
    await until('the second', () => inventory.hosts.length === 2);
    expect(inventory.changes).toBe(changes + 1);
  });

  it('stay as they were, marked stale with the reason, while etcd is down, and are current when it is back', async () => {
    const { put, open } = followed();
    await put('a', '10.0.0.1');
    await using inventory = open();
    await until('the first', () => inventory.hosts.length === 1);
    const [member] = farm.members;
    await member!.kill();
    await until('it is lost', () => inventory.originOf('web').state === 'stale');
    expect(inventory.hosts).toEqual(['a 10.0.0.1']);
    expect(inventory.originOf('web').reason).toMatch(/\S/);
    expect(Date.now() - inventory.originOf('web').answeredAt!).toBeLessThan(60_000);
    expect(inventory.problems.join()).toMatch(/does not answer, and its hosts are those of its last answer/);

    await member!.start();
    await put('b', '10.0.0.2');
    await until('it is back', () => inventory.originOf('web').state === 'current');
    await until('what came meanwhile', () => inventory.hosts.length === 2);
    expect(inventory.problems).toEqual([]);
  });

  it('are unknown, not none, while etcd has not answered, and known when it does', async () => {
    const { put, open } = followed();
    await put('a', '10.0.0.1');
    const [member] = farm.members;
    await member!.kill();
    await using inventory = open();
    expect(inventory.originOf('web').state).toBe('waiting');
    await until('it is unknown', () => inventory.originOf('web').state === 'unknown');
    expect(inventory.now.groups.get('web')?.unknown).toEqual(['web']);
    await member!.start();
    await until('the first', () => inventory.hosts.length === 1);
  });

  it('are read again when what changed while etcd was away is compacted', async () => {
    await using link = await TcpProxy.to(farm.members[0]!.port);
    const { prefix, put, open } = followed(`127.0.0.1:${link.port}`);
    await put('a', '10.0.0.1');
    await put('gone', '10.0.0.9');
    await using inventory = open();
    await until('both', () => inventory.hosts.length === 2);
    link.cut();
    await until('it is lost', () => inventory.originOf('web').state === 'stale');
    await farm.etcdctl('del', `${prefix}gone`);
    const revision = /revision" : (\d+)/i.exec(
      await farm.etcdctl('get', prefix, '--prefix', '-w', 'fields'),
    )![1]!;
    await farm.compact(Number(revision));
    expect(inventory.hosts).toHaveLength(2);
    link.restore();
    await until('what is left', () => inventory.hosts.join() === 'a 10.0.0.1');
    await until('it is current', () => inventory.originOf('web').state === 'current');
  });

  it('lose nothing by values that are hostile, and are refused where there are too many', async () => {
    const { prefix, put, open } = followed();
    await put('a', '10.0.0.1');
    await put('big', 'x'.repeat(20_000));
    await put('b\u001b[31m', '10.0.0.1');
    await put('option', '-oProxyCommand=x');
    await using inventory = open();
    await until('the first', () => inventory.hosts.length === 1);
    expect(inventory.hosts).toEqual(['a 10.0.0.1']);
    expect(inventory.problems.map((problem) => problem.replaceAll(prefix, ''))).toEqual([
      expect.stringMatching(/^“web”: b\\x1b\[31m: “.*” is not a name/),
      '“web”: big: the value has 20000 bytes, and may have 16384',
      '“web”: option: “-oProxyCommand=x” is neither a host name nor an IP address',
    ]);
  });
});
