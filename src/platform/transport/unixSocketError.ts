import { type ErrorCode, MusterError } from '../errors/errors';
import { t, text } from '../l10n/l10n';
import { printable } from '../text/printable';

/**
 * What is wrong with a unix socket: it is not there, is no socket, takes messages and no connections, may not be used, or
 * nothing listens on it.
 */
export type SocketFault = 'absent' | 'other' | 'datagram' | 'denied' | 'silent';

const faults: Readonly<Record<SocketFault, readonly [ErrorCode, string, string]>> = {
  absent: [
    'UNREACHABLE',
    text('there is no socket {0}'),
    text('Check the path, and that the service runs: it makes the socket when it starts.'),
  ],
  other: ['UNREACHABLE', text('{0} is not a socket'), text('Check the path.')],
  datagram: [
    'UNREACHABLE',
    text('the socket {0} takes single messages, not connections'),
    text('Check the path: the service may have another socket of type stream.'),
  ],
  denied: [
    'UNREACHABLE',
    text('the socket {0} may not be used: permission denied'),
    text('Log in as a user who may, or add this one to the group of the socket.'),
  ],
  silent: [
    'REFUSED',
    text('nothing listens on the socket {0}'),
    text('The service has ended and left its socket behind: check that it runs.'),
  ],
};

export function unixSocketError(fault: SocketFault, path: string, cause?: unknown): MusterError {
  const [code, message, hint] = faults[fault];
  return new MusterError(code, t(message, printable(path, 200)), { phase: 'connect', hint: t(hint), cause });
}

/** Bytes of a path that every system takes (sockaddr_un of macOS), without the zero at its end. */
export const longestSocketPath = 103;

export function isSocketPath(path: string): boolean {
  return /^\/[^\0-\x1f\x7f]+$/.test(path) && Buffer.byteLength(path) <= longestSocketPath;
}

/** @throws MusterError INVENTORY where no socket can have the path */
export function checkSocketPath(path: string): void {
  if (isSocketPath(path)) return;
  throw new MusterError('INVENTORY', t('{0} cannot be the path of a socket', printable(path, 200)), {
    phase: 'inventory',
    hint: t('A path begins with “/”, has at most {0} bytes and no control characters.', longestSocketPath),
  });
}
