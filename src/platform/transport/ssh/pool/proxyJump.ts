import { MusterError } from '../../../errors/errors';
import { t } from '../../../l10n/l10n';

/** `[user@]host[:port]`, `[user@][::1][:port]` or an `ssh://` URI of these. @throws MusterError INVENTORY */
export function parseJump(text: string): { user?: string; host: string; port?: number } {
  const match =
    /^(?:ssh:\/\/)?(?:(?<user>.*)@)?(?:\[(?<v6>[^\]]+)\]|(?<host>[^:@]+))(?::(?<port>\d+))?\/?$/.exec(
      text.trim(),
    );
  const { user, v6, host = v6, port } = match?.groups ?? {};
  if (user?.includes(':'))
    throw new MusterError('INVENTORY', t('a jump holds no password'), {
      phase: 'connect',
      hint: t('Write user@host:port; the password is asked for.'),
    });
  const number = port === undefined ? undefined : Number(port);
  if (!host || user === '' || (number !== undefined && (number < 1 || number > 65535))) {
    throw new MusterError('INVENTORY', t('not a jump: {0}', text), {
      phase: 'connect',
      hint: t('Write an inventory host, an alias of ssh_config or user@host:port.'),
    });
  }
  return { ...(user && { user }), host, ...(number !== undefined && { port: number }) };
}
