import type { Logger } from '../../../host/host';
import type { Host, Inventory } from '../../../inventory/model';
import { SshConfig, toLog } from '../config/sshConfig';
import { type SshTarget, TargetResolver } from './sshTarget';

/** Finds how hosts would be reached, for showing it: nothing is connected to, no command of an ssh_config is run. */
export class HostRoutes {
  private readonly config: SshConfig;

  constructor(logger: Logger) {
    this.config = new SshConfig(toLog(logger), { mayExecute: false });
  }

  /** @throws MusterError INVENTORY for an unusable ssh_config, a cyclic or a malformed jump */
  of(host: Host, inventory: Pick<Inventory, 'hosts' | 'defaultSsh'>): Promise<SshTarget> {
    const resolver = new TargetResolver({
      inventoryHost: (name) => inventory.hosts.get(name),
      defaultSsh: () => inventory.defaultSsh,
      config: this.config,
      configFiles: ['~/.ssh/config', '/etc/ssh/ssh_config'],
    });
    return resolver.resolve(host);
  }
}

/** The jumps of a target, the first one first. */
export function jumpsOf(target: SshTarget): SshTarget[] {
  return target.via ? [...jumpsOf(target.via), target.via] : [];
}

/** What a server is reached through, the first hop first, as `user@address:port` or the command that connects. */
export function routeOf({ via, proxyCommand }: Partial<Pick<SshTarget, 'via' | 'proxyCommand'>>): string[] {
  if (!via) return proxyCommand === undefined ? [] : [`$ ${proxyCommand}`];
  return [...routeOf(via), `${via.user}@${via.address}:${via.port}`];
}
