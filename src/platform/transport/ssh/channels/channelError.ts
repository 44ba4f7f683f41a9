import { hintFor, MusterError } from '../../../errors/errors';
import { t } from '../../../l10n/l10n';
import { printable } from '../../../text/printable';

/** Why a server opened no session. */
export function channelError(error: Error, connectionGone: boolean): MusterError {
  if (connectionGone) {
    return new MusterError('RESET', t('the connection was lost when the command was sent'), {
      phase: 'channel',
      hint: hintFor('RESET'),
      cause: error,
    });
  }
  const said = printable(error.message);
  // ssh2 tells by this message only.
  if (said === 'Unable to request a pseudo-terminal') {
    return new MusterError('PROTOCOL', t('the server gives no terminal'), {
      phase: 'channel',
      hint: t('See PermitTTY of its sshd, and no-pty in authorized_keys.'),
      cause: error,
    });
  }
  return new MusterError('PROTOCOL', t('the server runs no command: {0}', said), {
    phase: 'channel',
    hint: t("Check the user's shell, and ForceCommand and MaxSessions of sshd."),
    cause: error,
  });
}
