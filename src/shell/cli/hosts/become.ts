import { MusterError } from '../../../platform/errors/errors';
import type { Authority } from '../../../platform/host/host';
import { becomeMethods, type BecomeSettings, type Host } from '../../../platform/inventory/model';
import { printable } from '../../../platform/text/printable';
import { becomingOf } from '../../../platform/transport/become/becomeCommand';
import { becomeCredential, isForBecoming } from '../../../platform/transport/become/becomePasswords';
import type { Cli } from '../cli';
import { UsageError } from '../exitStatus';
import { t } from '../l10n';
import { readPasswordFile } from '../terminal/passwordFile';
import { hasTty } from '../terminal/ttyQuestion';

/** Options of commands that can work as another user on hosts. */
export interface BecomeOptions {
  become?: boolean;
  becomeUser?: string;
  becomeMethod?: string;
  becomePasswordFile?: string;
}

/** Who becomes whom, and who answers when a host wants a password. */
export interface Become {
  /** Undefined where nothing but the inventory says so. */
  become?: BecomeSettings;
  authority: (person: Authority) => Authority;
}

/**
 * What the options say for these hosts, found wrong before anything is connected to.
 * @param inventory the file of the inventory
 * @param always those of the hosts on which the inventory says that something is done as another user
 * @throws UsageError, MusterError CANCELLED
 */
export async function readBecome(
  options: BecomeOptions,
  { hosts, always = [], inventory }: { hosts: readonly Host[]; always?: readonly Host[]; inventory: string },
  cli: Cli,
): Promise<Become> {
  const { become: isAsked = false, becomeUser: user, becomeMethod, becomePasswordFile: file } = options;
  const method = becomeMethods.find((name) => name === becomeMethod);
  if (!isAsked && (user !== undefined || method !== undefined))
    throw new UsageError(
      t(
        '{0} is for work as another user: give --become as well',
        user === undefined ? '--become-method' : '--become-user',
      ),
    );
  if (user !== undefined && !/^[A-Za-z0-9_][\w.@-]*\$?$/.test(user))
    throw new UsageError(t('--become-user: "{0}" is not the name of a user', printable(user)));
  const become = isAsked ? { ...(user !== undefined && { user }), ...(method && { method }) } : undefined;
  const wanting = (isAsked ? hosts : always).filter((host) => becomingOf(host, become).mayAsk);
  if (file === undefined) {
    if (wanting.length > 0 && !(await hasTty())) throw nobodyToAsk(wanting[0]!);
    return { become, authority: (person) => person };
  }
  if (!isAsked && always.length === 0)
    throw new UsageError(
      t('{0} is for work as another user: give --become as well', '--become-password-file'),
    );
  refuseSeveral(wanting, become, inventory);
  const password = await readPasswordFile(file, '--become-password-file', cli);
  return { become, authority: (person) => withBecomePassword(person, password) };
}

function nobodyToAsk({ name }: Host): UsageError {
  return new UsageError(
    t(
      '{0} may want a password, and there is nobody to ask: give --become-password-file, or say “password: none” under become in muster.yaml',
      name,
    ),
  );
}

/** One password is that of one declaration: what is given for one group is not sent to another. @throws UsageError */
function refuseSeveral(hosts: readonly Host[], become: BecomeSettings | undefined, inventory: string): void {
  const destination = { fingerprint: '', route: [], vouchedBy: 'user' } as const;
  const names = new Map(
    hosts.map((host) => {
      const { subject, name = '' } = becomeCredential(
        { host, becoming: becomingOf(host, become), destination },
        inventory,
      );
      return [subject, name];
    }),
  );
  if (names.size <= 1) return;
  throw new UsageError(
    t(
      '--become-password-file has one password, and these hosts have several ({0}): choose hosts of one, or type them',
      printable([...names.values()].join(', '), 200),
    ),
  );
}

/** Gives the password to whoever wants one to become another user; the person answers everything else. */
function withBecomePassword(person: Authority, password: string): Authority {
  return {
    unknownHostKey: (key, signal) => person.unknownHostKey(key, signal),
    credential: (request, signal) => {
      if (!isForBecoming(request)) return person.credential(request, signal);
      if (!request.retry) return Promise.resolve(password);
      return Promise.reject(
        new MusterError(
          'BECOME_REFUSED',
          t('a host refused the password that was given, and no other host is sent it'),
          {
            phase: 'become',
            hint: t('Check the first line of what --become-password-file names.'),
          },
        ),
      );
    },
  };
}
