import { Deadline } from '../deadline';
import { MusterError } from '../errors';
import type { Authority, CredentialRequest, Logger, SecretDestination } from '../host';
import { clusterEntries, type ClusterEntry } from './section/clusterEntry';
import type { Host, Inventory } from '../inventory/model';
import { suggest } from '../inventory/suggest';
import { t } from '../l10n';
import { serviceDestination } from '../secretDestination';
import type { ForwardOptions } from '../transport/portForward';
import type { HostTransport } from '../transport/hostTransport';
import type { EtcdCluster } from './etcdCluster';
import { singleKey } from './etcdModel';
import { parseEndpoint } from './etcdSettings';
import type { EtcdTunnel } from './etcdEndpoint';
import type { CallOptions } from './etcdTransport';

export interface ClusterPorts {
  inventory: () => Inventory | undefined;
  transport: Pick<HostTransport, 'connect' | 'destinationThrough'>;
  authority: Authority;
  logger: Logger;
  /** What to do where no password was given. */
  passwordHint?: string;
}

/** What a probe needs of the clusters. */
export type ClusterAccess = Pick<EtcdClusters, 'ready'>;

/** A cluster in use. */
interface Opened {
  /** What it was opened with; others mean another client. */
  fingerprint: string;
  cluster: Promise<EtcdCluster>;
  /** Clocks that stand still while a person is asked for its password. */
  waiters: Set<Deadline>;
  login: Promise<EtcdCluster> | undefined;
  /** The password was asked for and not given. */
  declined: boolean;
}

/** A person may mistype. */
const mostLogins = 3;

/** The etcd clusters of an inventory, each opened at its first use and kept. */
export class EtcdClusters {
  private readonly opened = new Map<string, Opened>();
  private readonly closing = new AbortController();

  constructor(private readonly ports: ClusterPorts) {}

  /**
   * The client of a cluster; nothing is connected yet. Another one after its entry in the inventory was changed: the one
   * before is closed then.
   * @throws MusterError USAGE when there is none of that name, INVENTORY when a file of it cannot be used (TLS)
   */
  async get(name: string): Promise<EtcdCluster> {
    return this.open(name).cluster;
  }

  /**
   * As `get`, when the way to it is known to be open: the SSH connection that leads to it stands and its user is logged
   * in. The deadline covers that, but not the time in which a person is asked.
   * @throws MusterError, the one of SSH where it is the way that fails
   */
  async ready(name: string, deadline: Deadline): Promise<EtcdCluster> {
    const entry = this.entry(name);
    await this.reach(entry, deadline);
    const cluster = await this.get(name);
    if (entry.username === undefined) return cluster;
    const opened = this.open(name);
    opened.waiters.add(deadline);
    try {
      opened.login ??= this.login({ opened, timeoutMs: entry.timeoutMs }, deadline);
      return await opened.login;
    } catch (error) {
      opened.login = undefined;
      throw error;
    } finally {
      opened.waiters.delete(deadline);
    }
  }

  async dispose(): Promise<void> {
    this.closing.abort(new MusterError('CANCELLED', t('the clusters are being closed')));
    const all = [...this.opened.values()];
    this.opened.clear();
    await Promise.all(all.map(closed));
  }

  private entry(name: string): ClusterEntry {
    const clusters = this.ports.inventory()?.section(clusterEntries);
    const entry = clusters?.get(name);
    if (entry) return entry;
    const near = suggest(name, clusters?.keys() ?? []);
    const names = [...(clusters?.keys() ?? [])].join(', ');
    throw new MusterError('USAGE', t('no etcd cluster is named “{0}”', name), {
      phase: 'inventory',
      hint:
        near === undefined ? t('The clusters are: {0}.', names || t('none')) : t('Did you mean “{0}”?', near),
    });
  }

  private open(name: string): Opened {
    if (this.closing.signal.aborted) throw this.closing.signal.reason;
    const entry = this.entry(name);
    const fingerprint = fingerprintOf(entry, this.ports.inventory()?.hosts.get(entry.through ?? ''));
    const known = this.opened.get(name);
    if (known?.fingerprint === fingerprint) return known;
    if (known) void closed(known);
    const waiters = new Set<Deadline>();
    const password = new ClusterPassword(entry, this.ports.authority, () => this.destination(entry, waiters));
    const opened: Opened = {
      ...{ fingerprint, waiters, login: undefined, declined: false },
      cluster: this.connect(entry, password, (retry) => this.ask(password, opened, retry)),
    };
    this.opened.set(name, opened);
    // The next use tries again, for instance when a certificate is there by then.
    opened.cluster.catch(() => {
      if (this.opened.get(name) === opened) this.opened.delete(name);
    });
    return opened;
  }

  private async connect(
    entry: ClusterEntry,
    password: ClusterPassword,
    ask: (retry: boolean) => Promise<string | undefined>,
  ): Promise<EtcdCluster> {
    const { openEtcd } = await import('./etcdCluster');
    return openEtcd(entry, {
      directory: entry.directory,
      logger: this.ports.logger,
      password: ask,
      passwordAccepted: () => password.accepted(),
      passwordRefused: () => password.refused(),
      ...(this.ports.passwordHint !== undefined && { passwordHint: this.ports.passwordHint }),
      ...(entry.through !== undefined && { tunnel: (to) => this.tunnel(entry, to) }),
    });
  }

  private async tunnel(
    { name, through }: ClusterEntry,
    destination: { address: string; port: number },
  ): Promise<EtcdTunnel> {
    const { forwardPort } = await import('../transport/portForward');
    const options: ForwardOptions = {
      onFailure: (error) => this.ports.logger.warn(`etcd ${name}: ${error.code}: ${error.message}`),
    };
    return forwardPort(this.ports.transport, () => this.host(through!), destination, options);
  }

  private host(name: string): Host {
    const host = this.ports.inventory()?.hosts.get(name);
    if (host) return host;
    throw new MusterError('INVENTORY', t('the inventory no longer has a host “{0}”', name));
  }

  /**
   * Opens the way once, so that what is wrong with it is said in SSH's own words, and what it asks for does not count
   * against the time of a request.
   */
  private async reach(entry: ClusterEntry, deadline: Deadline): Promise<void> {
    if (entry.through === undefined) return;
    const host = this.host(entry.through);
    let failure: unknown;
    for (const endpoint of entry.endpoints) {
      const { host: address, port } = parseEndpoint(endpoint, false);
      try {
        const stream = await this.ports.transport.connect(host, { address, port }, { deadline });
        stream.on('error', () => {}).destroy();
        return;
      } catch (error) {
        if (deadline.aborted) throw error;
        failure ??= error;
      }
    }
    throw failure;
  }

  private async login(
    { opened, timeoutMs }: { opened: Opened; timeoutMs: number },
    { signal }: Deadline,
  ): Promise<EtcdCluster> {
    const cluster = await opened.cluster;
    await logIn(cluster, () => opened.declined, { signal, timeoutMs });
    return cluster;
  }

  /** In the time of those who wait. */
  private async destination(entry: ClusterEntry, waiters: Set<Deadline>): Promise<SecretDestination> {
    const [waiter] = waiters;
    const deadline = waiter ?? new Deadline(entry.timeoutMs, this.closing.signal);
    try {
      const through = entry.through === undefined ? undefined : this.host(entry.through);
      return await serviceDestination({ ...entry, tls: entry.tls, through }, this.ports.transport, deadline);
    } finally {
      if (!waiter) deadline.dispose();
    }
  }

  private async ask(
    clusterPassword: ClusterPassword,
    opened: Opened,
    retry: boolean,
  ): Promise<string | undefined> {
    await clusterPassword.find();
    const resume = [...opened.waiters].map((deadline) => deadline.pause());
    try {
      const password = await clusterPassword.ask(retry, this.closing.signal);
      opened.declined = password === undefined;
      return password;
    } finally {
      for (const start of resume) start();
    }
  }
}

/**
 * Logs in, and asks for the password again where it was refused, unless it was declined.
 * @throws MusterError
 */
export async function logIn(
  cluster: EtcdCluster,
  isDeclined: () => boolean,
  options: CallOptions,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await cluster.count(singleKey(Buffer.from('health')), options);
      return;
    } catch (error) {
      if (!MusterError.is(error, 'AUTH')) throw error;
      // It is logged in, and that key is not for it.
      if (error.phase === 'request') return;
      if (isDeclined() || attempt === mostLogins) throw error;
    }
  }
}

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

/** What a client is opened with. The host that it is reached through counts as well: a password that is known must not follow the name to another one. */
export function fingerprintOf(entry: ClusterEntry, host: Host | undefined): string {
  const { name, endpoints, username, tls, through, directory, readOnly } = entry;
  const way = host && [host.address, host.ssh, host.transport];
  return JSON.stringify([name, endpoints, username, tls, through, directory, readOnly, way]);
}

async function closed({ cluster }: Opened): Promise<void> {
  await (await cluster.catch(() => undefined))?.close();
}
