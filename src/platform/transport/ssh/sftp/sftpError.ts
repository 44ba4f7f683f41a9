import { hintFor, MusterError } from '../../../errors/errors';
import { t, text } from '../../../l10n/l10n';
import { printable } from '../../../text/printable';
import { FileError, type FileFailure } from '../../files/fileError';

/** Status codes of draft-ietf-secsh-filexfer-02, the only version that OpenSSH speaks. */
const answers: Record<number, readonly [FileFailure, string, string?]> = {
  2: ['notFound', text('there is no such file or folder')],
  3: [
    'noPermission',
    text('permission denied'),
    text('Log in as a user who is allowed to, or change the permissions.'),
  ],
  4: [
    'failed',
    text('the host could not do it'),
    text('It gives no reason: the disk may be full, or the file system read-only.'),
  ],
  8: ['unsupported', text('the SFTP server of the host cannot do this')],
};

/** What ssh2 reports for a request, in words. */
export function sftpError(error: Error & { code?: unknown }, host: string, path: string): MusterError {
  const answer = typeof error.code === 'number' ? answers[error.code] : undefined;
  const name = printable(path, 300);
  if (answer) {
    const [failure, words, hint] = answer;
    return new FileError(failure, `${name}: ${t(words)}`, { host, hint: hint && t(hint), cause: error });
  }
  // Only an answer has a number.
  if (typeof error.code === 'number') {
    return new FileError('failed', `${name}: ${printable(error.message)}`, { host, cause: error });
  }
  return connectionLost(host, error);
}

export function connectionLost(host: string, cause?: unknown): MusterError {
  return new MusterError('RESET', t('the connection was lost while files of the host were in use'), {
    host,
    phase: 'request',
    hint: hintFor('RESET'),
    cause,
  });
}

/** Why a server opened no SFTP session. */
export function noSftp(error: Error): MusterError {
  const [, length] = /^Packet length (\d{1,10}) exceeds/.exec(error.message) ?? [];
  if (length !== undefined) return printsBefore(Number(length), error);
  return new MusterError('PROTOCOL', t('the host offers no SFTP, so its files cannot be reached'), {
    phase: 'channel',
    hint: t(
      'Its sshd needs a line such as “Subsystem sftp internal-sftp”, and no ForceCommand for this user.',
    ),
    cause: error,
  });
}

/** What the server sent is no answer that can be read. */
export function unreadablePacket(host: string, cause: unknown): MusterError {
  return new MusterError('PROTOCOL', t('the server sent an SFTP packet that cannot be read'), {
    ...{ host, phase: 'request', cause },
    hint: t('Check the SFTP server of the host (Subsystem sftp in its sshd_config).'),
  });
}

/** What a shell prints when it begins is read as the length of a packet. */
function printsBefore(length: number, cause: Error): MusterError {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length % 2 ** 32);
  const beginning = printable(bytes.toString('latin1')) || `0x${bytes.toString('hex')}`;
  return new MusterError(
    'PROTOCOL',
    t('what the host sends is not SFTP: it begins with “{0}”, so its files cannot be reached', beginning),
    {
      phase: 'channel',
      hint: t('Where a file such as ~/.bashrc prints something, have it do so in interactive shells only.'),
      cause,
    },
  );
}
