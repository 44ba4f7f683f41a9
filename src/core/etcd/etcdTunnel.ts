import type { Host } from '../inventory/model';
import { forwardPort } from '../ssh/portForward';
import type { SshPool } from '../ssh/sshPool';
import type { TransportPorts } from './etcdTransport';

/** Reaches endpoints as `host` sees them, over the pool's connection to it. For `openEtcd`, with `through`. */
export function tunnelThrough(
  pool: Pick<SshPool, 'connect'>,
  host: Host,
): NonNullable<TransportPorts['tunnel']> {
  return (destination) => forwardPort(pool, host, destination);
}
