import path from 'node:path';
import { text } from 'node:stream/consumers';
import { Deadline } from '../../../../src/platform/batch/deadline';
import { MusterError } from '../../../../src/platform/errors/errors';
import {
  type Authority,
  type CredentialRequest,
  denyingAuthority,
  type HostKeyDecision,
  silentLogger,
  type UnknownHostKey,
} from '../../../../src/platform/host/host';
import type { Host, SshSettings } from '../../../../src/platform/inventory/model';
import {
  createSshPool,
  type SshPoolOptions,
} from '../../../../src/platform/transport/ssh/pool/createSshPool';
import type { OpenOptions, HostTransport } from '../../../../src/platform/transport/hostTransport';
import { childrenOf, type Sshd, type SshdFarm } from '../../../harness/sshd';
import { until } from '../../../harness/until';

const source = { file: 'muster.yaml', line: 1, column: 1, endLine: 1, endColumn: 1 };

export function host(name: string, address: string, ssh: SshSettings = {}): Host {
  return { name, address, labels: {}, groups: [], ssh, variables: {}, source };
}

/** A host that is the daemon, with the farm's key. */
export function hostOn(farm: SshdFarm, daemon: Sshd, ssh: SshSettings = {}, name = 'target'): Host {
  return host(name, daemon.address, {
    port: daemon.port,
    identityFile: [farm.clientKey],
    ...ssh,
  });
}

/** A pool of a user whose known_hosts, a file in the farm's folder, has these daemons. */
export async function poolFor(
  farm: SshdFarm,
  trusted: readonly Sshd[],
  options: Partial<SshPoolOptions> = {},
): Promise<HostTransport & AsyncDisposable> {
  const pool = createSshPool(await poolOptions(farm, trusted, options));
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.dispose() });
}

export async function poolOptions(
  farm: SshdFarm,
  trusted: readonly Sshd[],
  options: Partial<SshPoolOptions>,
): Promise<SshPoolOptions> {
  const lines = await Promise.all(trusted.map((daemon) => daemon.knownHostsLine()));
  await farm.write('known_hosts', lines.join(''));
  return {
    logger: silentLogger,
    authority: denyingAuthority,
    knownHostsFile: path.join(farm.directory, 'muster', 'known_hosts'),
    userKnownHosts: { user: [path.join(farm.directory, 'known_hosts')], global: [] },
    inventoryFile: () => path.join(farm.directory, 'muster.yaml'),
    sshConfigFiles: [],
    ...options,
  };
}

export interface RunResult {
  stdout: string;
  stderr: string;
  exitCode: number | null;
  signal: string | null;
}

/** Runs a command to its end. */
export async function run(
  pool: HostTransport,
  target: Host,
  command: string,
  options: Partial<OpenOptions> = {},
): Promise<RunResult> {
  const channel = await pool.exec(target, command, { deadline: new Deadline(0), ...options });
  channel.stdin.end();
  const [stdout, stderr, exit] = await Promise.all([
    text(channel.stdout),
    text(channel.stderr),
    channel.exit,
  ]);
  return { stdout, stderr, ...exit };
}

/** The error that `work` rejects with. */
export async function failure(work: Promise<unknown>): Promise<MusterError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MusterError)) throw new Error(`not a MusterError: ${String(error)}`);
  return error;
}

/** Answers as told, and remembers what was asked. */
export class ScriptedAuthority implements Authority {
  readonly hostKeys: UnknownHostKey[] = [];
  readonly requests: CredentialRequest[] = [];
  /** Those whose answer has worked. */
  readonly worked: CredentialRequest[] = [];

  constructor(
    private readonly decision: HostKeyDecision | (() => Promise<HostKeyDecision>) = 'reject',
    private readonly secrets: readonly (string | undefined)[] = [],
  ) {}

  async unknownHostKey(key: UnknownHostKey): Promise<HostKeyDecision> {
    this.hostKeys.push(key);
    return typeof this.decision === 'string' ? this.decision : this.decision();
  }

  async credential(request: CredentialRequest): Promise<string | undefined> {
    this.requests.push(request);
    return this.secrets[this.requests.length - 1];
  }

  accepted(request: CredentialRequest): void {
    this.worked.push(request);
  }
}

/** Sockets, servers and processes that this process holds. */
export function openResources(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => /TCP|ProcessWrap|GetAddrInfo|ConnectWrap/.test(name))
    .sort();
}

/** Waits until everything that was opened since `before` is closed, and the daemons have no connections. */
export async function nothingLeft(before: readonly string[], daemons: readonly Sshd[] = []): Promise<void> {
  await until('sockets and processes to be gone', () => openResources().length <= before.length);
  await until('connections of sshd to be gone', () => childrenOf(daemons).length === 0);
}
