import type { Authority } from '../../host/host';
import type { HostTransport } from '../hostTransport';
import type { BecomeContext } from './becomeExec';

export interface BecomeOptions {
  authority: Authority;
  /** The file of the inventory that the hosts are from. */
  inventoryFile?: () => string | undefined;
  /** Milliseconds of silence after which an unfinished line is a question that is not ours to answer. */
  quietMs?: number;
}

/** Does what is asked for with `become` as another user; everything else passes. */
export function withBecome(transport: HostTransport, options: BecomeOptions): HostTransport {
  const { authority, inventoryFile = () => undefined, quietMs = 5_000 } = options;
  let context: Promise<BecomeContext> | undefined;
  const opened = () =>
    (context ??= import('./becomePasswords').then(({ BecomePasswords }) => ({
      ...{ transport, quietMs },
      passwords: new BecomePasswords(authority, inventoryFile),
    })));
  return {
    ...transport,
    exec: async (host, command, request) => {
      if (!request.become) return transport.exec(host, command, request);
      const { becomeExec } = await import('./becomeExec');
      return becomeExec(host, command, request, await opened());
    },
    files: async (host, request) => {
      if (!request.become) return transport.files(host, request);
      const { becomeFiles } = await import('./becomeFiles');
      return becomeFiles(host, request, await opened());
    },
  };
}
