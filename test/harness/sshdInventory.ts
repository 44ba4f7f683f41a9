import { userInfo } from 'node:os';
import type { Sshd, SshdFarm } from './sshd';

export interface SshdHost {
  name: string;
  daemon: Sshd;
  /** As YAML has them, such as `{ env: prod }`. */
  labels?: string;
}

/** The files of a workspace whose hosts are daemons of `farm`; `rest` is more of its inventory. */
export async function sshdInventory(
  farm: SshdFarm,
  hosts: readonly SshdHost[],
  rest = '',
): Promise<Record<'muster.yaml' | 'known_hosts', string>> {
  const entries = hosts.map(({ name, daemon: { address, port }, labels }) => {
    const more = labels ? `, labels: ${labels}` : '';
    return `  ${name}: { address: ${address}, ssh: { port: ${port} }${more} }\n`;
  });
  const known = await Promise.all(
    [...new Set(hosts.map(({ daemon }) => daemon))].map((daemon) => daemon.knownHostsLine()),
  );
  return {
    'muster.yaml': `defaults:
  ssh: { user: ${userInfo().username}, identityFile: ${farm.clientKey}, knownHosts: ./known_hosts }
  timeout: 20s
hosts:
${entries.join('')}${rest}`,
    known_hosts: known.join(''),
  };
}
