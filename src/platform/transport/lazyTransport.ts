import { MusterError } from '../errors/errors';
import { t } from '../l10n/l10n';
import type { HostTransport } from './hostTransport';

/** A transport whose code is read when it is first used: many checks need none. */
export function lazyTransport(load: () => Promise<HostTransport>): HostTransport {
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
