import { split } from 'shlex';
import { describe, expect, it } from 'vitest';
import { ansibleHost, ansibleInventory } from '../../../src/shell/cli/hosts/ansibleInventory';
import { parseInventory } from '../../harness/inventories';

type Answer = Record<string, { hosts?: string[]; children?: string[] }> & {
  _meta: { hostvars: Record<string, Record<string, unknown>> };
};

const inventory = parseInventory(
  `defaults:
  ssh: { user: ops, identityFile: /keys/id, knownHosts: /keys/known hosts }
hosts:
  inner: { address: 10.0.0.1, ssh: { proxyJump: outer, port: 2201 } }
  outer: { address: 198.51.100.1, ssh: { port: 2202, user: hop } }
  web-01: { labels: { role: web } }
  deep: { ssh: { proxyJump: [outer, "me@gate:2203"] } }
groups:
  web: { hosts: [web-01] }
  jumpers: { hosts: [inner, outer] }
`,
  '/fleet/muster.yaml',
);
const list = ansibleInventory(inventory, [...inventory.hosts.values()]) as unknown as Answer;

/** The value of an `-o NAME=…` among the arguments of ssh. */
function option(words: readonly string[], name: string): string | undefined {
  return words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
}

describe('the dynamic inventory for Ansible', () => {
  it('has every group, those without one, and the variables of all hosts at once', () => {
    expect(list.all).toEqual({ children: ['ungrouped', 'web', 'jumpers'] });
    expect(list.web).toEqual({ hosts: ['web-01'] });
    expect(list.ungrouped).toEqual({ hosts: ['deep'] });
    expect(Object.keys(list._meta.hostvars)).toEqual(['inner', 'outer', 'web-01', 'deep']);
    expect(list._meta.hostvars['web-01']).toMatchObject({
      ansible_host: 'web-01',
      ansible_user: 'ops',
      ansible_ssh_private_key_file: '/keys/id',
      muster_labels: { role: 'web' },
    });
  });

  it('names only chosen hosts in its groups', () => {
    const chosen = ansibleInventory(inventory, [inventory.hosts.get('inner')!]) as unknown as Answer;
    expect(chosen.jumpers).toEqual({ hosts: ['inner'] });
    expect(chosen.web).toEqual({ hosts: [] });
  });

  it('tells about one host as in the list, and nothing about strangers', () => {
    expect(ansibleHost(inventory, 'inner')).toEqual(list._meta.hostvars.inner);
    expect(ansibleHost(inventory, 'stranger')).toEqual({});
  });

  it('reaches a host behind a jump with the key and the known hosts of the jump', () => {
    const words = split(list._meta.hostvars.inner!.ansible_ssh_common_args as string);
    expect(option(words, 'UserKnownHostsFile')).toBe('"/keys/known hosts"');
    const jump = split(option(words, 'ProxyCommand')!);
    expect(jump.slice(0, 9)).toEqual(['ssh', '-W', '[%h]:%p', '-p', '2202', '-l', 'hop', '-i', '/keys/id']);
    expect(option(jump, 'UserKnownHostsFile')).toBe('"/keys/known hosts"');
    expect(jump.at(-1)).toBe('198.51.100.1');
  });

  it('reaches a host behind two jumps, the outer one first', () => {
    const words = split(list._meta.hostvars.deep!.ansible_ssh_common_args as string);
    const last = split(option(words, 'ProxyCommand')!);
    expect(last).toEqual(expect.arrayContaining(['-p', '2203', '-l', 'me']));
    expect(last.at(-1)).toBe('gate');
    // ssh expands the tokens of its own option once, so those of the inner one are doubled.
    const first = split(option(last, 'ProxyCommand')!);
    expect(first.slice(0, 5)).toEqual(['ssh', '-W', '[%%h]:%%p', '-p', '2202']);
    expect(first.at(-1)).toBe('198.51.100.1');
  });

  it('refuses jumps that lead back to themselves', () => {
    const cyclic = parseInventory(
      'hosts:\n  a: { ssh: { proxyJump: b } }\n  b: { ssh: { proxyJump: a } }\n',
      '/fleet/muster.yaml',
    );
    expect(() => ansibleHost(cyclic, 'a')).toThrow(/cyclic proxyJump: a → b → a/);
  });
});
