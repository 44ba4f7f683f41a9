import type { Host } from '../../core/inventory/model';

/** A host's variables as Ansible names them; labels are under `muster_labels`. */
export function ansibleHost({ address, ssh, labels, variables }: Host): Record<string, unknown> {
  const jumps = ssh.proxyJump?.join(',');
  return {
    ...variables,
    ansible_host: address,
    ...(ssh.port !== undefined && { ansible_port: ssh.port }),
    ...(ssh.user !== undefined && { ansible_user: ssh.user }),
    ...(ssh.identityFile?.[0] && { ansible_ssh_private_key_file: ssh.identityFile[0] }),
    ...(jumps && { ansible_ssh_common_args: `-o ProxyJump=${jumps}` }),
    ...(Object.keys(labels).length > 0 && { muster_labels: labels }),
  };
}

/** Ansible's dynamic inventory: https://docs.ansible.com/ansible/latest/dev_guide/developing_inventory.html */
export function ansibleList(hosts: readonly Host[]): Record<string, unknown> {
  const groups = new Map<string, string[]>();
  for (const host of hosts) {
    for (const name of host.groups.length > 0 ? host.groups : ['ungrouped']) {
      const members = groups.get(name);
      if (members) members.push(host.name);
      else groups.set(name, [host.name]);
    }
  }
  return {
    _meta: { hostvars: Object.fromEntries(hosts.map((host) => [host.name, ansibleHost(host)])) },
    all: { children: ['ungrouped', ...[...groups.keys()].filter((name) => name !== 'ungrouped')] },
    ...Object.fromEntries([...groups].map(([name, members]) => [name, { hosts: members }])),
  };
}
