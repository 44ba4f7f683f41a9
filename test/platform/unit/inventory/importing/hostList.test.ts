import { describe, expect, it } from 'vitest';
import { readingHostList } from '../../../../../src/platform/inventory/importing/hostList';
import { finish } from '../../../../../src/platform/inventory/steps';

const read = (text: string) => finish(readingHostList(text));
const hostsOf = (text: string) =>
  read(text).hosts.map(({ labels, line: _, ...host }) => ({
    ...host,
    ...(Object.keys(labels).length > 0 && { labels }),
  }));

describe('A pasted list of hosts', () => {
  it.each<[string, string, object[]]>([
    [
      'names, one a line',
      'web-01\nweb-02.example.com\n',
      [{ name: 'web-01' }, { name: 'web-02.example.com' }],
    ],
    ['user and port', 'ops@web-01:2222', [{ name: 'web-01', user: 'ops', port: 2222 }]],
    ['a URI', 'ssh://ops@web-01:2222/', [{ name: 'web-01', user: 'ops', port: 2222 }]],
    ['ranges', 'ops@web-[01:20]', [{ name: 'web-[01:20]', user: 'ops' }]],
    ['ranges as ClusterShell folds them', 'web-[01-03,7]', [{ name: 'web-[01-03,7]' }]],
    [
      'IPv6 with and without a port',
      '[::1]:22\nops@fe80::1\n',
      [
        { name: '::1', port: 22 },
        { name: 'fe80::1', user: 'ops' },
      ],
    ],
    ['comments and blank lines', '# web\n\nweb-01 # first\n; none\n', [{ name: 'web-01' }]],
    ['labels', 'web-01 role=web zone="a"', [{ name: 'web-01', labels: { role: 'web', zone: 'a' } }]],
    ['several names a line', 'a, b,c-[1-2]', [{ name: 'a' }, { name: 'b' }, { name: 'c-[1-2]' }]],
    ['lines of /etc/hosts', '10.0.0.1\tweb-01 web', [{ name: 'web-01', address: '10.0.0.1' }]],
    ['Windows line ends and a byte order mark', '\uFEFFa\r\nb\r\n', [{ name: 'a' }, { name: 'b' }]],
    ['bullets', '- a\n* b\n', [{ name: 'a' }, { name: 'b' }]],
  ])('may hold %s', (_, text, expected) => {
    expect(hostsOf(text)).toEqual(expected);
    expect(read(text).refused).toEqual([]);
  });

  it.each([
    ['what is no name', 'a\nweb 01\n', 2, '“01” is neither a label'],
    ['a glob', 'web-*', 1, 'is a glob'],
    ['a name twice', 'a\nb\na\n', 3, '“a” is in line 1 already'],
    ['a name that a range has', 'a-[1:3]\na-2\n', 2, '“a-2” is in line 1 already'],
    ['a bad port', 'a:99999', 1, 'a port is a number from 1 to 65535'],
    ['a bad range', 'a-[3:1]', 1, 'it runs backwards'],
    ['a range without end', 'a-[1:999999999]', 1, 'stands for more than'],
    ['“all”', 'all', 1, '“all” is the name of every host'],
    ['an option in place of a user', '-oProxyCommand=x@a', 1, 'begin with “-”'],
    ['YAML that would break out', 'a: {x}', 1, ''],
    ['a bad address', '999.1.1.1', 1, 'is not a valid IPv4 address'],
    ['control characters', 'a\u001b[31m', 1, ''],
  ])('has %s refused with its line and the reason', (_, text, line, reason) => {
    const { refused } = read(text);
    expect(refused).toHaveLength(1);
    expect(refused[0]!.line).toBe(line);
    expect(refused[0]!.reason).toContain(reason);
  });

  it('keeps labels with any name', () => {
    expect(Object.entries(read('a __proto__=x').hosts[0]!.labels)).toEqual([['__proto__', 'x']]);
  });

  it('loses no line: each is a host, a comment, or refused', () => {
    const { hosts, refused } = read('a\n# b\nc d\n\ne\n!\n');
    expect(hosts.map(({ line }) => line)).toEqual([1, 5]);
    expect(refused.map(({ line, text }) => [line, text])).toEqual([
      [3, 'c d'],
      [6, '!'],
    ]);
  });
});
