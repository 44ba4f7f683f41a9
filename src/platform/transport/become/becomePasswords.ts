import { MusterError } from '../../errors/errors';
import { DeclaredPasswords, type LentPassword } from '../../host/declaredPasswords';
import type { Authority, CredentialRequest, SecretDestination } from '../../host/host';
import type { Host } from '../../inventory/model';
import { t } from '../../l10n/l10n';
import type { Becoming } from './becomeCommand';

export interface PasswordWanted {
  host: Host;
  becoming: Becoming;
  destination: SecretDestination;
  signal: AbortSignal;
}

/** Passwords for becoming another user, one of each declaration of the inventory. */
export class BecomePasswords {
  private readonly passwords: DeclaredPasswords;

  constructor(
    authority: Authority,
    private readonly inventoryFile: () => string | undefined,
  ) {
    this.passwords = new DeclaredPasswords(authority);
  }

  /** @throws MusterError BECOME_REFUSED where nobody gives one, CANCELLED */
  lend(wanted: PasswordWanted): Promise<LentPassword> {
    const { host, becoming, signal } = wanted;
    return this.passwords.lend({
      ...{ request: becomeCredential(wanted, this.inventoryFile()), host: host.name, signal },
      missing: () => noPassword(host.name, becoming),
      refusedBefore: () => refusedBefore(host.name, becoming),
    });
  }
}

/**
 * What is asked for: of whom says how hosts become another user, in this inventory. Where only the inventory vouches for
 * a server, it is asked for by itself: a project could name any server of its own among the hosts.
 */
export function becomeCredential(
  { host, becoming, destination }: Pick<PasswordWanted, 'host' | 'becoming' | 'destination'>,
  inventory: string = host.source.file,
): CredentialRequest {
  const { method, user, declaredBy = 'inventory' } = becoming;
  const owner = method === 'su' ? user : host.ssh.user;
  const login = owner === undefined ? '' : ` ${owner}`;
  return {
    ...{ kind: 'password', echo: false, retry: false, name: declaredBy },
    subject: `become ${method}${login}: ${declaredBy} in ${inventory}`,
    destination:
      destination.vouchedBy === 'project' ? destination : { fingerprint: '', route: [], vouchedBy: 'user' },
    prompt:
      owner === undefined
        ? t('Password for {0} on the hosts of “{1}”', method, declaredBy)
        : t('Password of {0} for {1} on the hosts of “{2}”', owner, method, declaredBy),
  };
}

/** Whether it asks for a password to become another user. */
export function isForBecoming({ subject }: Pick<CredentialRequest, 'subject'>): boolean {
  return subject.startsWith('become ');
}

function noPassword(host: string, { method, user }: Becoming): MusterError {
  return new MusterError('BECOME_REFUSED', t('{0} wants a password, and none was given', method), {
    ...{ host, phase: 'become' },
    hint: t(
      'Give it when it is asked for or with --become-password-file, or allow the user to become {0} without one.',
      user,
    ),
  });
}

function refusedBefore(host: string, { method }: Becoming): MusterError {
  return new MusterError(
    'BECOME_REFUSED',
    t('{0} refused this password before, and it was not sent again', method),
    {
      ...{ host, phase: 'become' },
      hint: t(
        'Accounts are locked after several wrong ones. It is sent again in ten minutes at the earliest.',
      ),
    },
  );
}
