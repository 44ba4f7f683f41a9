import type { Host, TransportName } from '../inventory/model';
import type { SshPoolOptions } from './ssh/pool/createSshPool';
import type { SshThreadOptions } from './ssh/threads/sshThreads';
import type { HostTransport } from './hostTransport';
import { MusterError } from '../errors/errors';
import { t } from '../l10n/l10n';
import { withBecome } from './become/becomeTransport';

export interface TransportOptions extends SshPoolOptions {
  /** With it commands over SSH are run in threads of their own. */
  sshThreads?: SshThreadOptions;
}

/** Reaches every host in the way that its inventory names. */
export function createTransport(options: TransportOptions): HostTransport {
  const transport = byHost({
    ssh: lazyTransport(() => openSsh(options)),
    local: lazyTransport(async () => new (await import('./local/localTransport')).LocalTransport()),
  });
  return withBecome(transport, options);
}

async function openSsh({ sshThreads, ...options }: TransportOptions): Promise<HostTransport> {
  const { createSshPool } = await import('./ssh/pool/createSshPool');
  if (!sshThreads) return createSshPool(options);
  const { SshThreads } = await import('./ssh/threads/sshThreads');
  const { knownHostsFile, inventoryFile = () => undefined } = options;
  return createSshPool(
    options,
    (settings, maxConnections) =>
      new SshThreads(sshThreads, { settings, knownHostsFile, inventoryFile, maxConnections }),
  );
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

/** A transport whose code is read when it is first used: many checks need none. */
function lazyTransport(load: () => Promise<HostTransport>): HostTransport {
  let transport: Promise<HostTransport> | undefined;
  let disposed = false;
  const opened = () => {
    if (disposed) throw new MusterError('CANCELLED', t('the connections are being closed'));
    return (transport ??= load());
  };
  return {
    exec: async (...request) => (await opened()).exec(...request),
    shell: async (...request) => (await opened()).shell(...request),
    files: async (...request) => (await opened()).files(...request),
    connect: async (...request) => (await opened()).connect(...request),
    destinationThrough: async (...request) => (await opened()).destinationThrough(...request),
    dispose: async () => {
      disposed = true;
      await (await transport)?.dispose();
    },
  };
}
