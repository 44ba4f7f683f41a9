import type { Authority, Logger } from '../../../host/host';
import type { Host, SshSettings } from '../../../inventory/model';
import type { HostTransport } from '../../hostTransport';
import { KeyFiles } from '../auth/keyFiles';
import { SshConfig, toLog } from '../config/sshConfig';
import type { SshThreads } from '../threads/sshThreads';
import { HostVerifier } from '../trust/hostVerifier';
import { type DefaultKnownHosts, KnownHostsStore } from '../trust/knownHostsStore';
import { ConnectionPool } from './connectionPool';
import type { ConnectionSettings } from './hostConnections';
import { TargetResolver } from './sshTarget';

export interface SshPoolOptions {
  logger: Logger;
  authority: Authority;
  /**
   * Muster's own known_hosts, read beside the user's files. Keys to remember are appended to it, or to a file in the
   * folder `knownHostsFile`.d where they were asked about under the trust or the routes of an inventory.
   */
  knownHostsFile: string;
  /** The file of the inventory that the hosts are from. */
  inventoryFile?: () => string | undefined;
  /** The user's known_hosts files in place of OpenSSH's own. */
  userKnownHosts?: DefaultKnownHosts;
  /** Looks up jumps. */
  inventoryHost?: (name: string) => Host | undefined;
  /** Settings for jumps that are not in the inventory. */
  defaultSsh?: () => SshSettings;
  /** ssh_config files in which the aliases of jumps are looked up. */
  sshConfigFiles?: readonly string[];
  /** Reads an ssh_config file in place of reading it from disk. @throws why it is not read */
  readSshConfig?: (file: string) => Promise<string>;
  /** Where relative includes of ssh_config start. */
  sshConfigFolder?: string;
  /** Beyond it, idle connections are closed, the least recently used first. It never blocks, and may change. */
  maxConnections?: () => number;
  /** Channels on one connection at a time. */
  maxSessions?: number;
  /** Milliseconds until an unused connection is closed. */
  idleMs?: number;
  /** Milliseconds of silence after which the server is asked whether it is there; three answers may be missing. */
  keepaliveMs?: number;
  /** Attempts in a row that find a host dead before it is left alone. */
  circuitThreshold?: number;
  /** Milliseconds for which a dead host is left alone. */
  circuitRetryMs?: number;
}

/** @param threadsOf makes the threads that commands are run in, which ask this one whom to trust and what to log in with */
export function createSshPool(
  options: SshPoolOptions,
  threadsOf?: (settings: ConnectionSettings, maxConnections: () => number) => SshThreads,
): HostTransport {
  const { logger, authority, maxConnections = () => 256, inventoryFile = () => undefined } = options;
  const targets = new TargetResolver({
    inventoryHost: options.inventoryHost ?? (() => undefined),
    defaultSsh: options.defaultSsh ?? (() => ({})),
    config: new SshConfig(toLog(logger), {
      userFolder: options.sshConfigFolder,
      readFile: options.readSshConfig,
    }),
    configFiles: options.sshConfigFiles ?? ['~/.ssh/config', '/etc/ssh/ssh_config'],
    knownHosts: options.userKnownHosts,
    trustConfig: new SshConfig(() => {}, {
      userFolder: options.sshConfigFolder,
      readFile: options.readSshConfig,
      mayExecute: false,
    }),
  });
  const store = new KnownHostsStore(options.knownHostsFile, logger);
  const settings: ConnectionSettings = {
    logger,
    authority,
    verifier: new HostVerifier(store, authority, logger, inventoryFile),
    keyFiles: new KeyFiles(authority),
    keepaliveMs: options.keepaliveMs ?? 15_000,
    maxSessions: options.maxSessions ?? 10,
    idleMs: options.idleMs ?? 60_000,
    circuit: { threshold: options.circuitThreshold ?? 1, retryAfterMs: options.circuitRetryMs ?? 15_000 },
  };
  const threads = threadsOf?.(settings, maxConnections);
  return new ConnectionPool({ targets, settings, maxConnections, threads });
}
