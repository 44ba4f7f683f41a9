import { text } from 'node:stream/consumers';
import { MusterError } from '../../../errors/errors';
import type { Host } from '../../../inventory/model';
import { t } from '../../../l10n/l10n';
import { printable } from '../../../text/printable';
import { shellQuote } from '../../../text/shellQuote';
import type { HostCommands, OpenOptions } from '../../hostTransport';
import { type SocketFault, unixSocketError } from '../../unixSocketError';

/** What the host can say about a socket; sshd itself gives one answer for all of it. */
const look = [
  'p=$1; d=$(dirname -- "$p")',
  'while [ ! -e "$d" ] && [ "$d" != / ]; do d=$(dirname -- "$d"); done',
  'if [ ! -x "$d" ]; then echo denied',
  'elif [ ! -e "$p" ]; then echo absent',
  'elif [ ! -S "$p" ]; then echo other',
  'elif [ ! -w "$p" ]; then echo denied',
  // Other systems than Linux do not tell who listens.
  'elif [ ! -r /proc/net/unix ]; then echo unknown',
  // A socket that is listened on has this flag.
  'elif grep -F -- " $(readlink -f -- "$p")" /proc/net/unix | grep -q " 00010000 0001 "; then echo forbidden',
  'elif grep -F -- " $(readlink -f -- "$p")" /proc/net/unix | grep -q " 000[25] "; then echo datagram',
  'else echo silent; fi',
].join('\n');

/** Why a server did not connect to a unix socket, as far as the host tells. */
export async function socketError(
  ssh: HostCommands,
  host: Host,
  path: string,
  options: OpenOptions,
  refusal: MusterError,
): Promise<MusterError> {
  const fault = await lookAt(ssh, host, path, options).catch(() => undefined);
  if (fault === 'forbidden' || refusal.code === 'PROTOCOL') return forbidden(path, refusal);
  if (fault) return unixSocketError(fault, path, refusal);
  return new MusterError('UNREACHABLE', t('the server did not connect to {0}', printable(path, 200)), {
    phase: 'connect',
    hint: t(
      'Check that the socket is there, that a service listens on it, that the user may use it, and AllowStreamLocalForwarding and PermitOpen of sshd.',
    ),
    cause: refusal.cause,
  });
}

async function lookAt(
  ssh: HostCommands,
  host: Host,
  path: string,
  options: OpenOptions,
): Promise<SocketFault | 'forbidden' | undefined> {
  const command = `exec sh -c ${shellQuote(look)} sh ${shellQuote(path)}`;
  const channel = await ssh.exec(host, command, options);
  channel.stdin.on('error', () => {});
  channel.stdin.end();
  channel.stderr.resume();
  const [said] = await Promise.all([text(channel.stdout), channel.exit]);
  const faults = ['absent', 'other', 'datagram', 'denied', 'silent', 'forbidden'] as const;
  return faults.find((fault) => fault === said.trim());
}

function forbidden(path: string, { cause }: MusterError): MusterError {
  return new MusterError('PROTOCOL', t('the SSH server does not connect to {0}', printable(path, 200)), {
    phase: 'connect',
    hint: t(
      'It forbids it: see AllowStreamLocalForwarding, DisableForwarding and PermitOpen of its sshd; with PermitOpen it connects to no socket.',
    ),
    cause,
  });
}
