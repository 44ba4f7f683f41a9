import { MusterError } from '../errors';
import { t } from '../l10n';
import type { SshPoolOptions } from './createSshPool';
import type { SshPool } from './sshPool';

/** A pool whose code is read when it is first used: many checks need no SSH. */
export function lazySshPool(options: SshPoolOptions): SshPool {
  let pool: Promise<SshPool> | undefined;
  let disposed = false;
  const opened = () => {
    if (disposed) throw new MusterError('CANCELLED', t('the connections are being closed'));
    return (pool ??= import('./createSshPool').then(({ createSshPool }) => createSshPool(options)));
  };
  return {
    exec: async (...request) => (await opened()).exec(...request),
    shell: async (...request) => (await opened()).shell(...request),
    sftp: async (...request) => (await opened()).sftp(...request),
    connect: async (...request) => (await opened()).connect(...request),
    destinationThrough: async (...request) => (await opened()).destinationThrough(...request),
    dispose: async () => {
      disposed = true;
      await (await pool)?.dispose();
    },
  };
}
