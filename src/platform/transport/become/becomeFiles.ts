import { MusterError, toMusterError } from '../../errors/errors';
import type { Host } from '../../inventory/model';
import { t } from '../../l10n/l10n';
import type { FileSession } from '../files/fileSession';
import type { OpenOptions } from '../hostTransport';
import { SftpChannel } from '../ssh/sftp/sftpChannel';
import { sftpOverChannel } from '../ssh/sftp/sftpOverChannel';
import { type BecomeContext, becomeExec } from './becomeExec';

/** Where systems have it; which one sshd has for its subsystem may be another one, and may be readable. */
const places = [
  '/usr/lib/openssh/sftp-server',
  '/usr/libexec/openssh/sftp-server',
  '/usr/libexec/sftp-server',
  '/usr/lib/ssh/sftp-server',
  '/usr/lib/sftp-server',
];

const configured =
  "sed -n 's/^[[:space:]]*[Ss]ubsystem[[:space:]][[:space:]]*sftp[[:space:]][[:space:]]*\\(\\/[^[:space:]]*\\).*/\\1/p' /etc/ssh/sshd_config 2>/dev/null";

/** A relative path begins in the home folder, as over SFTP. */
const start = `cd 2>/dev/null; for f in ${places.join(' ')} $(${configured}); do [ -x "$f" ] && exec "$f"; done; exit 127`;

/** Opens a session for the files of `host` as another user. @throws MusterError */
export async function becomeFiles(
  host: Host,
  options: OpenOptions,
  context: BecomeContext,
): Promise<FileSession> {
  const { deadline } = options;
  // The deadline is one of opening: the session lives until it is closed.
  const channel = await becomeExec(host, start, options, context);
  const unhear = deadline.onAbort(() => channel.close());
  try {
    return new SftpChannel(await sftpOverChannel(channel), host.name);
  } catch (error) {
    channel.close();
    throw toMusterError(deadline.reason ?? (await missing(channel.exit)) ?? error, {
      host: host.name,
      phase: 'channel',
    });
  } finally {
    unhear();
  }
}

/** That the host has no such program, if that is why. */
async function missing(exit: Promise<{ exitCode: number | null }>): Promise<MusterError | undefined> {
  const { exitCode } = await exit.catch(() => ({ exitCode: null }));
  if (exitCode !== 127) return undefined;
  return new MusterError('PROTOCOL', t('the host has no sftp-server that another user could run'), {
    phase: 'channel',
    hint: t('Install openssh-sftp-server on the host: it is looked for where systems have it.'),
  });
}
