import { describe, expect, it } from 'vitest';
import { parseInventory } from '../../../harness/inventories';
import { checks } from '../../../../src/features/checks/core/check';
import { clusterEntries } from '../../../../src/features/etcd/core/section/clusterEntry';

const parse = (text: string) => parseInventory(text, '/fleet/muster.yaml');
const problems = (text: string) =>
  parse(text).problems.map(({ message, range }) => `${range.line}: ${message}`);

describe('The section etcd', () => {
  it('has clusters by name, with what they leave out', () => {
    const { section, problems } = parse(`hosts: { bastion: {} }
etcd:
  main:
    endpoints: [https://10.0.0.1:2379, 'etcd-2']
    prefix: /config/
    username: sre
    tls: { ca: ca.pem, cert: me.pem, key: me.key, serverName: etcd.internal }
    through: bastion
    protected: true
    timeout: 2s
  lab: { endpoints: [127.0.0.1:2379], readOnly: true }
`);
    expect(problems).toEqual([]);
    expect(section(clusterEntries).get('main')).toMatchObject({
      ...{ name: 'main', endpoints: ['https://10.0.0.1:2379', 'etcd-2'], prefix: '/config/', separator: '/' },
      ...{ username: 'sre', through: 'bastion', readOnly: false, protected: true, timeoutMs: 2_000 },
      ...{
        tls: { ca: 'ca.pem', cert: 'me.pem', key: 'me.key', serverName: 'etcd.internal' },
        directory: '/fleet',
      },
      source: { file: '/fleet/muster.yaml', line: 3 },
    });
    expect(section(clusterEntries).get('lab')).toMatchObject({
      prefix: '',
      readOnly: true,
      protected: false,
      timeoutMs: 5_000,
    });
  });

  it('needs no hosts beside it', () => {
    expect(problems('etcd: { lab: { endpoints: [localhost] } }\n')).toEqual([]);
  });

  it.each([
    ['main: {}', /2: .*endpoints/],
    ['main: { endpoints: [] }', /2: .*a cluster has one endpoint at least/],
    ['main: { endpoints: [ftp://x] }', /2: .*expected host:port, http/],
    ['main: { endpoints: [x], tls: { cert: a } }', /2: .*“cert” and “key” belong together/],
    ['main: { endpoints: [x, "http://y"], tls: {} }', /2: http:\/\/ is plain text, in spite of “tls”/],
    ['main: { endpoints: [x], through: basion }', /2: no host “basion”/],
    ['main: { endpoints: [x], password: secret }', /2: a password is never written here/],
    ['main: { endpoints: [x], user: root }', /2: .*unknown key “user”/],
    ['"bad name": { endpoints: [x] }', /2: /],
  ])('with %s says what is wrong and where, and loses nothing else', (entry, message) => {
    const text = `hosts: { bastion: {} }\netcd: { ${entry}, sound: { endpoints: [y] } }\n`;
    expect(problems(text).join('\n')).toMatch(message);
    expect([...parse(text).section(clusterEntries).keys()]).toEqual(['sound']);
  });

  it('tells a cluster that is there twice', () => {
    const text = 'etcd:\n  a: { endpoints: [x] }\n  A: { endpoints: [x] }\n  a: { endpoints: [y] }\n';
    expect(problems(text).join('\n')).toMatch(/4: .*“a”/);
  });
});

describe('A check of a cluster', () => {
  const check = (text: string) =>
    `hosts: { bastion: {}, web: {} }
etcd: { main: { endpoints: [x], through: bastion }, direct: { endpoints: [y] }, broken: {} }
checks: { config: { type: etcd${text} } }
`;
  const ofCheck = (text: string) => problems(check(text)).filter((problem) => problem.startsWith('3:'));

  it('stands for the host that leads to the cluster, or where it says', () => {
    expect(parse(check(', cluster: main')).section(checks).get('config')?.hosts).toEqual(['bastion']);
    expect(parse(check(', cluster: direct, on: web')).section(checks).get('config')?.hosts).toEqual(['web']);
    expect(parse(check('')).section(checks).get('config')?.hosts).toEqual(['bastion', 'web']);
  });

  it.each([
    [', cluster: mian', /no etcd cluster “mian”/],
    [', cluster: direct', /say with “on” for which host/],
    [', cluster: main, port: 2379', /a cluster has its own endpoints/],
    [', tls: { cert: a }', /cert and key belong together/],
    [', expect: { maxDbSize: big }', /“big” is not a size such as 2GiB/],
  ])('with %s says what is wrong', (text, message) => {
    expect(ofCheck(text).join('\n')).toMatch(message);
    expect(parse(check(text)).section(checks).has('config')).toBe(text.includes('direct'));
  });

  it('says nothing more of a cluster that is a mistake itself', () => {
    expect(ofCheck(', cluster: broken')).toEqual([]);
  });
});
