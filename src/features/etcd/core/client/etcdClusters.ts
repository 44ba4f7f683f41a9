import { Deadline } from '../../../../platform/batch/deadline';
import { MusterError } from '../../../../platform/errors/errors';
import type { Authority, Logger, SecretDestination } from '../../../../platform/host/host';
import { clusterEntries, type ClusterEntry } from '../section/clusterEntry';
import type { Host, Inventory } from '../../../../platform/inventory/model';
import { suggest } from '../../../../platform/inventory/selection/suggest';
import { t } from '../../../../platform/l10n/l10n';
import { serviceDestination } from '../../../../platform/host/secretDestination';
import type { ForwardOptions } from '../../../../platform/transport/portForward';
import { SharedAttempt } from '../../../../platform/transport/ssh/pool/sharedAttempt';
import type { Destination, HostTransport } from '../../../../platform/transport/hostTransport';
import type { EtcdCluster } from './etcdCluster';
import { singleKey } from './etcdModel';
import { parseEndpoint } from './etcdSettings';
import type { EtcdTunnel } from './etcdEndpoint';
import type { CallOptions } from './etcdTransport';
import { ClusterPassword } from './clusterPassword';

/** How the login of a cluster's user went; undefined before one was tried, and without a user. */
export type ClusterLogin = 'needed' | 'refused' | 'done' | undefined;

/** What a host of the core may have its own way of. */
export interface ClusterSurroundings {
  /** What to do where no password was given. */
  passwordHint?: string;
  /** Leads to an endpoint of a cluster that is behind a host; a forwarded port that nobody sees by default. */
  tunnel?: (cluster: ClusterEntry, to: Destination, signal: AbortSignal) => Promise<EtcdTunnel>;
  /** `loginOf` this cluster has changed. */
  loginChanged?: (name: string) => void;
}

export interface ClusterPorts extends ClusterSurroundings {
  inventory: () => Inventory | undefined;
  transport: Pick<HostTransport, 'connect' | 'destinationThrough'>;
  authority: Authority;
  logger: Logger;
}

/** What a probe needs of the clusters. */
export type ClusterAccess = Pick<EtcdClusters, 'ready'>;

/** A cluster in use. */
interface Opened {
  /** What it was opened with; others mean another client. */
  fingerprint: string;
  cluster: Promise<EtcdCluster>;
  closing: AbortController;
  /** Clocks that stand still while a person is asked for its password. */
  waiters: Set<Deadline>;
  /** Starts the clocks again that stand still now. */
  paused: (() => void)[] | undefined;
  /** Whoever began it may give up before those who have joined. */
  loggingIn: SharedAttempt<EtcdCluster> | undefined;
  login: ClusterLogin;
  /** The password was asked for and not given. */
  declined: boolean;
}

/** A person may mistype. */
const mostLogins = 3;

/**
 * The etcd clusters of an inventory, each with one client that all share: opened at its first use, kept, and closed when its
 * entry in the inventory changes.
 */
export class EtcdClusters {
  private readonly opened = new Map<string, Opened>();
  private disposed = false;

  constructor(private readonly ports: ClusterPorts) {}

  /**
   * The client of a cluster; nothing is connected yet. Another one after its entry in the inventory was changed: the one
   * before is closed then. `as` is what the caller takes the entry for.
   * @throws MusterError USAGE when there is none of that name, CANCELLED when it is another one by now, INVENTORY when a
   * file of it cannot be used (TLS)
   */
  async get(name: string, as?: ClusterEntry): Promise<EtcdCluster> {
    if (as && fingerprintOf(as, this.wayTo(as)) !== this.fingerprint(name)) throw changed();
    return this.open(name).cluster;
  }

  /** How the login of its user went with the client that is open. */
  loginOf(name: string): ClusterLogin {
    return this.opened.get(name)?.login;
  }

  /**
   * Logs its user in, and asks for the password again where it was refused, up to three times.
   * @throws MusterError
   */
  async logIn(name: string, options: CallOptions): Promise<void> {
    await this.login(this.open(name), options);
  }

  /** Closes the clients whose entries are no longer in the inventory as they were. */
  closeChanged(): void {
    for (const [name, opened] of this.opened) {
      if (opened.fingerprint === this.fingerprint(name)) continue;
      this.opened.delete(name);
      void closed(opened);
    }
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
    opened.paused?.push(deadline.pause());
    try {
      opened.loggingIn ??= this.sharedLogin(opened, entry.timeoutMs);
      return await opened.loggingIn.join(deadline);
    } finally {
      opened.waiters.delete(deadline);
    }
  }

  /** Its requests have the time of the cluster each, and all of it ends when nobody waits any more. */
  private sharedLogin(opened: Opened, timeoutMs: number): SharedAttempt<EtcdCluster> {
    const attempt = new SharedAttempt<EtcdCluster>(0, ({ signal }) =>
      this.login(opened, { signal, timeoutMs }),
    );
    attempt.result.catch(() => {
      if (opened.loggingIn === attempt) opened.loggingIn = undefined;
    });
    return attempt;
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    const all = [...this.opened.values()];
    this.opened.clear();
    await Promise.all(all.map((opened) => closed(opened, disposal())));
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

  private wayTo({ through }: ClusterEntry): Host | undefined {
    return this.ports.inventory()?.hosts.get(through ?? '');
  }

  private fingerprint(name: string): string | undefined {
    const entry = this.ports.inventory()?.section(clusterEntries).get(name);
    return entry && fingerprintOf(entry, this.wayTo(entry));
  }

  private open(name: string): Opened {
    if (this.disposed) throw disposal();
    const entry = this.entry(name);
    const fingerprint = fingerprintOf(entry, this.wayTo(entry));
    const known = this.opened.get(name);
    if (known?.fingerprint === fingerprint) return known;
    if (known) void closed(known);
    const password = new ClusterPassword(entry, this.ports.authority, () => this.destination(entry, opened));
    const opened: Opened = {
      ...{ fingerprint, waiters: new Set(), closing: new AbortController(), declined: false },
      ...{ paused: undefined, loggingIn: undefined, login: undefined },
      cluster: Promise.resolve().then(() => this.connect(entry, password, opened)),
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
    opened: Opened,
  ): Promise<EtcdCluster> {
    const { openEtcd } = await import('./etcdCluster');
    const { logger, passwordHint, tunnel = this.tunnel } = this.ports;
    const { signal } = opened.closing;
    return openEtcd(entry, {
      ...{ directory: entry.directory, logger },
      password: (retry) => this.ask(entry, password, opened, retry),
      passwordAccepted: () => {
        this.tell(entry, opened, 'done');
        password.accepted();
      },
      passwordRefused: () => {
        this.tell(entry, opened, 'refused');
        password.refused();
      },
      ...(passwordHint !== undefined && { passwordHint }),
      ...(entry.through !== undefined && { tunnel: (to) => tunnel(entry, to, signal) }),
    });
  }

  private tell({ name }: ClusterEntry, opened: Opened, login: ClusterLogin): void {
    if (opened.login === login || this.opened.get(name) !== opened) return;
    opened.login = login;
    this.ports.loginChanged?.(name);
  }

  private readonly tunnel = async (
    { name, through }: ClusterEntry,
    destination: Destination,
  ): Promise<EtcdTunnel> => {
    const { forwardPort } = await import('../../../../platform/transport/portForward');
    const options: ForwardOptions = {
      onFailure: (error) => this.ports.logger.warn(`etcd ${name}: ${error.code}: ${error.message}`),
    };
    return forwardPort(this.ports.transport, () => this.host(through!), destination, options);
  };

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

  private async login(opened: Opened, options: CallOptions): Promise<EtcdCluster> {
    const cluster = await opened.cluster;
    for (let attempt = 1; ; attempt++) {
      try {
        await cluster.count(singleKey(Buffer.from('health')), options);
        return cluster;
      } catch (error) {
        if (!MusterError.is(error, 'AUTH')) throw error;
        // It is logged in, and that key is not for it.
        if (error.phase === 'request') return cluster;
        if (opened.declined || attempt === mostLogins) throw error;
      }
    }
  }

  /** In the time of those who wait with a clock, if any do. */
  private async destination(
    entry: ClusterEntry,
    { waiters, closing }: Pick<Opened, 'waiters' | 'closing'>,
  ): Promise<SecretDestination> {
    const [waiter] = waiters;
    const deadline = waiter ?? new Deadline(0, closing.signal);
    try {
      const through = entry.through === undefined ? undefined : this.host(entry.through);
      return await serviceDestination({ ...entry, tls: entry.tls, through }, this.ports.transport, deadline);
    } finally {
      if (!waiter) deadline.dispose();
    }
  }

  private async ask(
    entry: ClusterEntry,
    clusterPassword: ClusterPassword,
    opened: Opened,
    retry: boolean,
  ): Promise<string | undefined> {
    await clusterPassword.find();
    opened.paused = [...opened.waiters].map((deadline) => deadline.pause());
    try {
      const password = await clusterPassword.ask(retry, opened.closing.signal);
      opened.declined = password === undefined;
      // Where nobody was asked, what was refused stays refused.
      const stays = opened.login === 'refused' && this.ports.authority.isAttended?.() === false;
      if (opened.declined && !stays) this.tell(entry, opened, 'needed');
      return password;
    } finally {
      for (const start of opened.paused) start();
      opened.paused = undefined;
    }
  }
}

/**
 * What a client is opened with. The host that it is reached through counts as well: a password that is known must not
 * follow the name to another one.
 */
export function fingerprintOf(entry: ClusterEntry, host: Host | undefined): string {
  const { name, endpoints, username, tls, through, directory, readOnly } = entry;
  const way = host && [host.address, host.ssh, host.transport];
  return JSON.stringify([name, endpoints, username, tls, through, directory, readOnly, way]);
}

function disposal(): MusterError {
  return new MusterError('CANCELLED', t('the clusters are being closed'));
}

function changed(): MusterError {
  return new MusterError('CANCELLED', t('the cluster is no longer in the inventory as it was'));
}

async function closed({ cluster, closing }: Opened, why = changed()): Promise<void> {
  closing.abort(why);
  await (await cluster.catch(() => undefined))?.close();
}
