import { DeclaredPasswords, type LentPassword } from '../../../platform/host/declaredPasswords';
import type { Authority, CredentialRequest, SecretDestination } from '../../../platform/host/host';
import { serviceDestination } from '../../../platform/host/secretDestination';
import { MusterError } from '../../../platform/errors/errors';
import { resolvePlaceholders } from '../../../platform/inventory/yaml/placeholders';
import { t } from '../../../platform/l10n/l10n';
import type { Deadline } from '../../../platform/batch/deadline';
import type { HostTransport } from '../../../platform/transport/hostTransport';
import type { Host } from '../../../platform/inventory/model';
import type { MetricEntry } from './section/metricEntry';
import type { LoginWanted } from './sources/contract';

/** Which source of which host wants one. */
interface Wanting {
  readonly host: Host;
  readonly entry: MetricEntry;
}

/** The passwords and tokens of sources, one of each source and place that its hosts have in common. */
export class SourcePasswords {
  private readonly passwords: DeclaredPasswords;

  constructor(
    authority: Authority,
    private readonly ports: {
      readonly transport: Pick<HostTransport, 'destinationThrough'>;
      readonly inventoryFile: () => string | undefined;
    },
  ) {
    this.passwords = new DeclaredPasswords(authority);
  }

  /** Its clock stands still while a person is asked. @throws MusterError AUTH where nobody gives one, CANCELLED */
  async lend(target: Wanting, wanted: LoginWanted, deadline: Deadline): Promise<LentPassword> {
    const { host, entry } = target;
    const destination = await this.destinationOf(target, wanted, deadline);
    const resume = deadline.pause();
    try {
      return await this.passwords.lend({
        request: requestFor(target, wanted, destination, this.ports.inventoryFile()),
        ...{ host: `${host.name} ${entry.name}`, signal: deadline.signal },
        missing: () => missing(target),
        refusedBefore: () => refusedBefore(target),
      });
    } finally {
      resume();
    }
  }

  private destinationOf(
    { host, entry }: Wanting,
    { through, tls }: LoginWanted,
    deadline: Deadline,
  ): Promise<SecretDestination> {
    const filled = (value: string | undefined) => value && resolvePlaceholders(value, host);
    const service = {
      through: through === 'ssh' ? host : undefined,
      tls: tls && { ...tls, ca: filled(tls.ca), serverName: filled(tls.serverName) },
      directory: entry.directory,
    };
    return serviceDestination(service, this.ports.transport, deadline);
  }
}

/**
 * What is asked for. The subject names all that the password may be sent to, for an edit of the inventory may lead the
 * source elsewhere. Hosts for which the user vouches share one answer; where only the inventory does, each is asked about.
 */
function requestFor(
  { host, entry }: Wanting,
  { user, place, through }: LoginWanted,
  destination: SecretDestination,
  inventory = host.source.file,
): CredentialRequest {
  const isVouched = destination.vouchedBy === 'user' && through === 'ssh';
  const owner = user === undefined ? '' : ` ${user}`;
  const way = through === 'ssh' ? ' through ssh' : '';
  return {
    ...{ kind: 'password', echo: false, retry: false, name: entry.name },
    subject: `metrics${owner}@${place}${way}: ${entry.name} in ${inventory}`,
    destination: isVouched ? { fingerprint: '', route: [], vouchedBy: 'user' } : destination,
    prompt:
      user === undefined
        ? t('Password or token of the source of metrics “{0}” at {1}', entry.name, place)
        : t('Password of {0} for the source of metrics “{1}” at {2}', user, entry.name, place),
  };
}

function missing({ host, entry }: Wanting): MusterError {
  return new MusterError('AUTH', t('the source wants a password or token, and none was given'), {
    ...{ host: host.name, phase: 'auth' },
    hint: t('Enter it when you are asked for it, or give --source-password-file {0}=FILE.', entry.name),
  });
}

function refusedBefore({ host, entry }: Wanting): MusterError {
  return new MusterError(
    'AUTH',
    t('the service refused this password or token before, and it was not sent again'),
    {
      ...{ host: host.name, phase: 'auth' },
      hint: t(
        'Check the password of “{0}”: it is sent to this host again in ten minutes at the earliest.',
        entry.name,
      ),
    },
  );
}
