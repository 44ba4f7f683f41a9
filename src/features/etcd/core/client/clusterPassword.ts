import type { Authority, CredentialRequest, SecretDestination } from '../../../../platform/host/host';
import { t } from '../../../../platform/l10n/l10n';
import { parseEndpoint } from './etcdSettings';
import type { ClusterEntry } from '../section/clusterEntry';

/** Asks for the password of a cluster that has a username. */
export class ClusterPassword {
  private destination: SecretDestination | undefined;

  constructor(
    private readonly entry: ClusterEntry,
    private readonly authority: Authority,
    private readonly whereTo: () => Promise<SecretDestination>,
  ) {}

  /** Finds out where it would be sent. @throws MusterError */
  async find(): Promise<void> {
    this.destination = await this.whereTo();
  }

  /** Call `find` first: a secret is not asked for before it is known where it would go. */
  ask(retry: boolean, signal: AbortSignal): Promise<string | undefined> {
    return this.authority.credential(this.request(retry), signal);
  }

  accepted(): void {
    this.authority.accepted?.(this.request(false));
  }

  refused(): void {
    this.authority.refused?.(this.request(false));
  }

  private request(retry: boolean): CredentialRequest {
    const { entry, destination } = this;
    return {
      ...{ kind: 'password', echo: false, retry, subject: passwordSubject(entry), name: entry.name },
      ...(destination && { destination }),
      prompt: t('Password of {0} for the etcd cluster {1}', entry.username ?? '', entry.name),
    };
  }
}

/**
 * What a cluster's password is kept under. It names everything that the password may be sent to, for another
 * inventory may give the name of the cluster to another one.
 */
export function passwordSubject({ username = '', endpoints, tls, through }: ClusterEntry): string {
  const addresses = endpoints.map((endpoint) => {
    const address = parseEndpoint(endpoint, tls !== undefined);
    return `${address.tls ? 'https' : 'http'}://${address.host}:${address.port}`;
  });
  return `etcd ${username}@${addresses.join(',')}${through === undefined ? '' : ` through ${through}`}`;
}
