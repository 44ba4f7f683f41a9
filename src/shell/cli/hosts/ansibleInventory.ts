import { MusterError } from '../../../platform/errors/errors';
import type { Host, Inventory, SshSettings } from '../../../platform/inventory/model';
import { shellQuote } from '../../../platform/text/shellQuote';
import { parseJump } from '../../../platform/transport/ssh/pool/proxyJump';
import { t } from '../l10n';

type Variables = Record<string, unknown>;

/**
 * The answer to `--list` of Ansible's inventory-script protocol, with `_meta` so that it need not ask for each host
 * (https://docs.ansible.com/ansible/latest/dev_guide/developing_inventory.html#inventory-script-conventions).
 */
export function ansibleInventory(inventory: Inventory, hosts: readonly Host[]): object {
  const chosen = new Set(hosts.map(({ name }) => name));
  const groups = [...inventory.groups.values()].filter(({ name }) => name !== 'all' && name !== 'ungrouped');
  const ungrouped = hosts.filter((host) => host.groups.length === 0).map(({ name }) => name);
  return {
    _meta: {
      hostvars: Object.fromEntries(hosts.map((host) => [host.name, hostVariables(inventory, host)])),
    },
    all: { children: ['ungrouped', ...groups.map(({ name }) => name)] },
    ungrouped: { hosts: ungrouped },
    ...Object.fromEntries(
      groups.map(({ name, hosts: members }) => [name, { hosts: members.filter((host) => chosen.has(host)) }]),
    ),
  };
}

/** The answer to `--host NAME`: Ansible asks for hosts of its other inventories, too. */
export function ansibleHost(inventory: Inventory, name: string): Variables {
  const host = inventory.hosts.get(name);
  return host ? hostVariables(inventory, host) : {};
}

function hostVariables(
  inventory: Inventory,
  { name, address, labels, ssh, transport, variables }: Host,
): Variables {
  const arguments_ = sshArguments(inventory, ssh, [name]);
  return {
    ...variables,
    ansible_host: address,
    ansible_port: ssh.port,
    ansible_user: ssh.user,
    ansible_ssh_private_key_file: ssh.identityFile?.[0],
    ansible_ssh_common_args: arguments_.length > 0 ? arguments_.map(shellQuote).join(' ') : undefined,
    ansible_connection: transport === 'local' ? 'local' : undefined,
    muster_labels: labels,
  };
}

/** What ssh is to be told beside host, port, user and key. */
function sshArguments(inventory: Inventory, ssh: SshSettings, passed: readonly string[]): string[] {
  const { knownHosts, proxyJump = [], connectTimeoutMs } = ssh;
  const proxyCommand = proxyJump.length > 0 ? jumpCommand(inventory, proxyJump, passed) : ssh.proxyCommand;
  const options = Object.entries({
    UserKnownHostsFile: knownHosts?.map((file) => `"${file}"`).join(' '),
    IdentitiesOnly: ssh.identitiesOnly === undefined ? undefined : ssh.identitiesOnly ? 'yes' : 'no',
    ConnectTimeout: connectTimeoutMs === undefined ? undefined : Math.ceil(connectTimeoutMs / 1000),
    ProxyCommand: proxyCommand,
  }).flatMap(([option, value]) => (value === undefined ? [] : ['-o', `${option}=${value}`]));
  return [...options, ...(ssh.certificateFile ?? []).flatMap((file) => ['-o', `CertificateFile="${file}"`])];
}

/** `ssh -W` through the jumps: unlike with `ProxyJump` each has its own key and known hosts. */
function jumpCommand(inventory: Inventory, jumps: readonly string[], passed: readonly string[]): string {
  const name = jumps.at(-1)!;
  if (passed.includes(name))
    throw new MusterError('INVENTORY', t('cyclic proxyJump: {0}', [...passed, name].join(' → ')));
  const { host, ...named } = parseJump(name);
  const known = inventory.hosts.get(name) ?? inventory.hosts.get(host);
  const before = jumps.slice(0, -1);
  const ssh = { ...known?.ssh, ...named, ...(before.length > 0 && { proxyJump: before }) };
  const words = [
    ...['ssh', '-W', '[%h]:%p'],
    ...(ssh.port === undefined ? [] : ['-p', String(ssh.port)]),
    ...(ssh.user === undefined ? [] : ['-l', ssh.user]),
    ...(ssh.identityFile ?? []).flatMap((file) => ['-i', file]),
    // The tokens in the inner ssh's options are its own to expand.
    ...sshArguments(inventory, ssh, [...passed, name]).map((word) => word.replaceAll('%', '%%')),
    known?.address ?? host,
  ];
  return words.map(shellQuote).join(' ');
}
