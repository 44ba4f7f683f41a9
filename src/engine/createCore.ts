import {
  type CheckOptions,
  type CheckReport,
  type CheckTarget,
  runChecks,
} from '../features/checks/core/checkBatch';
import type { ExtraProbes } from '../features/checks/core/extraProbes';
import type { Authority, Logger, Tracer } from '../platform/host/host';
import type { Host, Inventory } from '../platform/inventory/model';
import type { RunRequest } from '../features/runs/core/remoteCommand';
import { runCommand, type RunOptions, type RunReport } from '../features/runs/core/runBatch';
import { ProbeThread, type ProbeThreadOptions } from '../features/checks/core/probeThread';
import { type ClusterSurroundings, EtcdClusters } from '../features/etcd/core/client/etcdClusters';
import type { OperationOrigin } from '../platform/operation/operation';
import type { TraceContext } from '../platform/operation/traceContext';
import type {
  CaptureOptions,
  CapturePlan,
  CaptureReport,
} from '../features/profiles/core/capture/captureBatch';
import type { CopyRequest, TransferOptions, TransferReport } from '../features/copy/core/copyBatch';
import type { FetchRequest } from '../features/copy/core/fetchBatch';
import type { HttpOptions, HttpReport } from '../features/http/core/httpBatch';
import type { HttpRequest } from '../features/http/core/httpRequest';
import type { DefaultKnownHosts } from '../platform/transport/ssh/trust/knownHostsStore';
import { createTransport } from '../platform/transport/createTransport';
import { createLogs, type LogThreadOptions } from '../features/logs/core/createLogs';
import type { Logs } from '../features/logs/core/logs';
import type { HostTransport } from '../platform/transport/hostTransport';
import { SourcePasswords } from '../features/metrics/core/sourcePasswords';
import { MetricReadings } from '../features/metrics/core/metricReadings';
import type { FollowOptions, MetricFollower } from '../features/metrics/core/metricFollower';
import type { MetricReport, ReadMetricsOptions } from '../features/metrics/core/readMetrics';
import type { MetricTarget } from '../features/metrics/core/readSource';
import type { SshThreadOptions } from '../platform/transport/ssh/threads/sshThreads';
import type { FactChoice } from '../features/drift/core/factChoice';
import type { FactTable } from '../features/drift/core/factTable';
import type { GatherOptions, GatherReport } from '../features/drift/core/gatherFacts';

export interface CoreOptions {
  logger: Logger;
  tracer?: Tracer;
  /** The work of another process that every batch is a part of. */
  parent?: TraceContext;
  authority: Authority;
  /** Where keys that the user chose to trust are remembered; the user's own files are never written. */
  knownHostsFile: string;
  /** The user's known_hosts files in place of OpenSSH's own. */
  userKnownHosts?: DefaultKnownHosts;
  /** Reads an ssh_config file when a host is connected to, in place of reading it from disk. @throws why it is not read */
  readSshConfig?: (file: string) => Promise<string>;
  /** SSH connections kept open at most; idle ones are closed beyond it. */
  maxConnections?: () => number;
  etcd?: ClusterSurroundings;
  /** Kinds of checks beside the built-in ones; it may change. */
  extraProbes?: ExtraProbes;
  /** With it a second thread shares the work of large batches. */
  probeThread?: ProbeThreadOptions;
  /** With it commands on hosts are run in threads, each with SSH connections of its own. */
  sshThreads?: SshThreadOptions;
  /** With it logs are kept and searched in threads of their own. */
  logThread?: LogThreadOptions;
}

/** The engine for one inventory, the same in the editor and in the CLI. */
export interface Core {
  /** The last inventory that was loaded; jumps are looked up in it, and what it no longer has is closed. */
  inventory: Inventory | undefined;
  /** Access to the hosts outside of batches: commands, terminals, files and connections. */
  readonly transport: HostTransport;
  /** The etcd clusters of the inventory. */
  readonly etcd: EtcdClusters;
  readonly logs: Logs;
  check(
    targets: readonly CheckTarget[],
    options?: Partial<
      Omit<CheckOptions, 'transport' | 'etcd' | 'metrics' | 'thread' | 'extraProbes' | 'origin'>
    >,
  ): Promise<CheckReport>;
  run(
    hosts: readonly Host[],
    request: RunRequest,
    options?: Partial<Omit<RunOptions, 'transport' | 'origin'>>,
  ): Promise<RunReport>;
  /** Captures profiles into `options.folder`. @throws MusterError READ_ONLY, PROTOCOL before anything is connected to */
  capture(
    hosts: readonly Host[],
    plan: CapturePlan,
    options: Pick<CaptureOptions, 'directory' | 'folder'> & Partial<Omit<CaptureOptions, 'origin'>>,
  ): Promise<CaptureReport>;
  /** Copies local files to hosts. @throws MusterError USAGE, READ_ONLY before anything is connected to */
  copy(
    hosts: readonly Host[],
    request: CopyRequest,
    options?: Partial<Omit<TransferOptions, 'transport' | 'origin'>>,
  ): Promise<TransferReport>;
  /** Fetches files of hosts into a folder for each. @throws MusterError USAGE before anything is connected to */
  fetch(
    hosts: readonly Host[],
    request: FetchRequest,
    options?: Partial<Omit<TransferOptions, 'transport' | 'origin'>>,
  ): Promise<TransferReport>;
  /** Sends one HTTP request from each host. @throws MusterError USAGE, INVENTORY, READ_ONLY before anything is sent */
  request(
    hosts: readonly Host[],
    request: HttpRequest | ((host: Host) => HttpRequest),
    options: Pick<HttpOptions, 'directory'> & Partial<Omit<HttpOptions, 'transport' | 'origin'>>,
  ): Promise<HttpReport>;
  /** Reads sources of metrics once, each reading given to `onReading`. */
  readMetrics(
    targets: readonly MetricTarget[],
    options: Pick<ReadMetricsOptions, 'onReading'> & Partial<Omit<ReadMetricsOptions, 'access' | 'origin'>>,
  ): Promise<MetricReport>;
  /** Reads them again and again until it is disposed, or the core is. */
  followMetrics(targets: readonly MetricTarget[], options?: FollowOptions): Promise<MetricFollower>;
  /** Asks hosts for facts, each of which adds a row to `table`. */
  gatherFacts(
    hosts: readonly Host[],
    choices: readonly FactChoice[],
    table: FactTable,
    options?: Partial<Omit<GatherOptions, 'transport' | 'origin'>>,
  ): Promise<GatherReport>;
  /** Closes every connection and ends the thread. */
  dispose(): Promise<void>;
}

const defaultConcurrency = 50;

export function createCore(options: CoreOptions): Core {
  let inventory: Inventory | undefined;
  const transport = createTransport({
    ...options,
    inventoryFile: () => inventory?.file,
    inventoryHost: (name) => inventory?.hosts.get(name),
    defaultSsh: () => inventory?.defaultSsh ?? {},
  });
  const etcd = new EtcdClusters({
    ...options.etcd,
    ...{ transport, authority: options.authority, logger: options.logger },
    inventory: () => inventory,
  });
  const access = {
    transport,
    passwords: new SourcePasswords(options.authority, { transport, inventoryFile: () => inventory?.file }),
  };
  const metrics = new MetricReadings({ access, inventory: () => inventory });
  const followers = new Set<MetricFollower>();
  const thread = options.probeThread && new ProbeThread(options.probeThread);
  const logs = createLogs({ transport, ...(options.logThread && { thread: options.logThread }) });
  const concurrency = () => inventory?.concurrency ?? defaultConcurrency;
  const origin = (): OperationOrigin => {
    const { logger, tracer, parent } = options;
    const file = inventory?.file;
    return { logger, tracer, parent, ...(file !== undefined && { attributes: { inventory: file } }) };
  };
  return {
    get inventory() {
      return inventory;
    },
    set inventory(next) {
      inventory = next;
      etcd.closeChanged();
    },
    transport,
    etcd,
    logs,
    check: (targets, batch) =>
      runChecks(targets, {
        concurrency: concurrency(),
        ...batch,
        ...{ transport, etcd, metrics, thread, origin: origin() },
        extraProbes: options.extraProbes,
      }),
    run: (hosts, request, batch) =>
      runCommand(hosts, request, { concurrency: concurrency(), ...batch, transport, origin: origin() }),
    capture: async (hosts, plan, batch) => {
      const { captureProfiles } = await import('../features/profiles/core/capture/captureBatch');
      return captureProfiles(hosts, plan, {
        ...{ concurrency: concurrency(), authority: options.authority, transport },
        ...batch,
        origin: origin(),
      });
    },
    readMetrics: async (targets, batch) => {
      const { readMetrics } = await import('../features/metrics/core/readMetrics');
      return readMetrics(targets, { concurrency: concurrency(), ...batch, access, origin: origin() });
    },
    followMetrics: async (targets, follow) => {
      const [{ MetricFollower }, { readSource }] = await Promise.all([
        import('../features/metrics/core/metricFollower'),
        import('../features/metrics/core/readSource'),
      ]);
      const follower = new MetricFollower(
        targets,
        (target, deadline) => readSource(target, access, { deadline }),
        follow,
      );
      followers.add(follower);
      void follower.ended.then(() => followers.delete(follower));
      return follower;
    },
    gatherFacts: async (hosts, choices, table, batch) => {
      const { gatherFacts } = await import('../features/drift/core/gatherFacts');
      return gatherFacts(hosts, choices, table, {
        ...{ concurrency: concurrency(), ...batch, transport },
        origin: origin(),
      });
    },
    copy: async (hosts, request, batch) => {
      const { copyBatch } = await import('../features/copy/core/copyBatch');
      return copyBatch(hosts, request, { concurrency: concurrency(), ...batch, transport, origin: origin() });
    },
    fetch: async (hosts, request, batch) => {
      const { fetchBatch } = await import('../features/copy/core/fetchBatch');
      return fetchBatch(hosts, request, {
        concurrency: concurrency(),
        ...batch,
        transport,
        origin: origin(),
      });
    },
    request: async (hosts, request, batch) => {
      const { requestBatch } = await import('../features/http/core/httpBatch');
      return requestBatch(hosts, request, {
        concurrency: concurrency(),
        ...batch,
        transport,
        origin: origin(),
      });
    },
    dispose: async () => {
      // What goes through SSH ends before it.
      const followed = [...followers].map((follower) => follower.dispose());
      await Promise.all([etcd.dispose(), logs.dispose(), ...followed]);
      await Promise.all([transport.dispose(), thread?.dispose()]);
    },
  };
}
