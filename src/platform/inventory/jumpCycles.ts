import type { HostDraft } from './fragment';

type Jumping = Pick<HostDraft, 'name' | 'ssh'>;

/**
 * The circles in which hosts jump through each other. The way to a host leads through its first jump, which is reached
 * in a way of its own; what jumps follow are reached through that.
 */
export function jumpCycles<Host extends Jumping>(hosts: ReadonlyMap<string, Host>): Host[][] {
  const cycles: Host[][] = [];
  const seen = new Set<Host>();
  for (const start of hosts.values()) {
    const way: Host[] = [];
    let host: Host | undefined = start;
    while (host && !seen.has(host)) {
      seen.add(host);
      way.push(host);
      host = hosts.get(host.ssh.proxyJump?.[0] ?? '');
    }
    const begin = host ? way.indexOf(host) : -1;
    if (begin >= 0) cycles.push(way.slice(begin));
  }
  return cycles;
}
