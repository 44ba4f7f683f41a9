import type { Host, TransportName } from '../inventory/model';
import type { SshPoolOptions } from './ssh/pool/createSshPool';
import type { HostTransport } from './hostTransport';
import { lazyTransport } from './lazyTransport';

/** Reaches every host in the way that its inventory names. */
export function createTransport(options: SshPoolOptions): HostTransport {
  return byHost({
    ssh: lazyTransport(async () => (await import('./ssh/pool/createSshPool')).createSshPool(options)),
    local: lazyTransport(async () => new (await import('./local/localTransport')).LocalTransport()),
  });
}

export function byHost(transports: Readonly<Record<TransportName, HostTransport>>): HostTransport {
  const of = ({ transport = 'ssh' }: Host) => transports[transport];
  return {
    exec: (host, ...request) => of(host).exec(host, ...request),
    shell: (host, ...request) => of(host).shell(host, ...request),
    files: (host, ...request) => of(host).files(host, ...request),
    connect: (host, ...request) => of(host).connect(host, ...request),
    destinationThrough: (host, ...request) => of(host).destinationThrough(host, ...request),
    dispose: async () => {
      await Promise.all(Object.values(transports).map((transport) => transport.dispose()));
    },
  };
}
