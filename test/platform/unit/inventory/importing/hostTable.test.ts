import { describe, expect, it } from 'vitest';
import {
  hostsOfTable,
  isUnclear,
  readHostTable,
} from '../../../../../src/platform/inventory/importing/hostTable';

const rolesOf = async (text: string) =>
  (await readHostTable(text)).columns.map(({ title, role }) => `${title}: ${role}`);
const hostsIn = async (text: string) =>
  (await hostsOfTable(await readHostTable(text))).hosts.map(({ line: _, ...host }) => host);

describe('A CSV file of hosts', () => {
  it('has its columns told by their titles; what is not known becomes a label', async () => {
    expect(
      await rolesOf(
        'Host Name,IP Address,SSH User,Port,Groups,Env,Root Password\na,10.0.0.1,ops,22,web,prod,x\n',
      ),
    ).toEqual([
      'Host Name: name',
      'IP Address: address',
      'SSH User: user',
      'Port: port',
      'Groups: groups',
      'Env: label',
      'Root Password: ignore',
    ]);
  });

  it('comes to hosts with groups and labels', async () => {
    const table = await readHostTable(
      'name;ip;user;port;group;env;tags\nweb-01;10.0.0.1;ops;2222;web,all-web;prod;role=web|hot\n"db;1";;;;;;\ndb-2;;;;;"a ""b""";\n',
    );
    const { hosts, groups, refused } = await hostsOfTable(table);
    expect(hosts).toEqual([
      {
        name: 'web-01',
        address: '10.0.0.1',
        user: 'ops',
        port: 2222,
        line: 2,
        labels: { env: 'prod', role: 'web', hot: 'true' },
      },
      { name: 'db-2', line: 4, labels: { env: 'a "b"' } },
    ]);
    expect([...groups]).toEqual([
      ['web', ['web-01']],
      ['all-web', ['web-01']],
    ]);
    expect(refused.map(({ line, reason }) => [line, reason])).toEqual([
      [3, expect.stringContaining('“db;1” is not a name')],
    ]);
  });

  it.each([
    ['tabs', 'host\taddress\na\t10.0.0.1\n'],
    ['semicolons', 'host;address\na;10.0.0.1\n'],
    ['bars', 'host|address\r\na|10.0.0.1\r\n'],
  ])('may be separated by %s', async (_, text) => {
    expect(await hostsIn(text)).toEqual([{ name: 'a', address: '10.0.0.1', labels: {} }]);
  });

  it('is unclear without a column that names hosts, or with several', async () => {
    expect(isUnclear(await readHostTable('a,10.0.0.1\nb,10.0.0.2\n'))).toBe(true);
    expect(isUnclear(await readHostTable('name,hostname\na,b\n'))).toBe(true);
    expect(isUnclear(await readHostTable('ip,env\n10.0.0.1,prod\n'))).toBe(false);
  });

  it('shows no sample of what may be a secret', async () => {
    const { columns } = await readHostTable('name,API-Token\na,hunter2\n');
    expect(columns[1]).toEqual({ title: 'API-Token', sample: '', role: 'ignore' });
  });

  it('without a header has every row read', async () => {
    const table = await readHostTable('a,10.0.0.1\nb,10.0.0.2\n');
    expect(table.columns.map(({ title, sample }) => [title, sample])).toEqual([
      ['column 1', 'a'],
      ['column 2', '10.0.0.1'],
    ]);
    expect(table.rows).toHaveLength(2);
  });

  it('that cannot be read says where', async () => {
    await expect(readHostTable('name\n"a\n')).rejects.toThrow(/cannot be read as CSV: .*line 2/i);
  });
});
