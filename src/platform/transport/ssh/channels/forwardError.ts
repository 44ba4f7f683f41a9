import { type ErrorCode, hintFor, MusterError } from '../../../errors/errors';
import { t } from '../../../l10n/l10n';
import { printable } from '../../../text/printable';

/** Words of sshd's and of operating systems by what they mean. */
const forwardFailures: readonly [RegExp, ErrorCode][] = [
  [/refused/i, 'REFUSED'],
  [/timed? ?out/i, 'TIMEOUT'],
  [/resolve|name or service|not known/i, 'DNS'],
  [/prohibited|unknown channel type|strictVendor/i, 'PROTOCOL'],
];

/** Why a server could not connect to the address behind it. */
export function forwardError(error: Error): MusterError {
  const code = forwardFailures.find(([pattern]) => pattern.test(error.message))?.[1] ?? 'UNREACHABLE';
  return new MusterError(code, printable(error.message, 200), {
    phase: code === 'DNS' ? 'dns' : 'connect',
    hint:
      code === 'PROTOCOL'
        ? t('The SSH server forbids it: see AllowTcpForwarding and PermitOpen of its sshd.')
        : hintFor(code),
    cause: error,
  });
}
