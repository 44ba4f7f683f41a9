import path from 'node:path';
import { text } from 'node:stream/consumers';
import { Deadline } from '../../../src/core/deadline';
import { denyingAuthority, silentLogger } from '../../../src/core/host';
import type { Host, SshSettings } from '../../../src/core/inventory/model';
import { createSshPool, type SshPoolOptions } from '../../../src/core/ssh/createSshPool';
import type { OpenOptions, SshPool } from '../../../src/core/ssh/sshPool';
import type { Sshd, SshdFarm } from '../../harness/sshd';

const source = { file: 'muster.yaml', line: 1, column: 1, endLine: 1, endColumn: 1 };

export function host(name: string, address: string, ssh: SshSettings = {}): Host {
  return { name, address, labels: {}, groups: [], ssh, variables: {}, source };
}

/** A host that is the daemon, with the farm's key and a known_hosts file that `poolFor` writes. */
export function hostOn(farm: SshdFarm, daemon: Sshd, ssh: SshSettings = {}, name = 'target'): Host {
  return host(name, daemon.address, {
    port: daemon.port,
    identityFile: [farm.clientKey],
    knownHosts: [path.join(farm.directory, 'known_hosts')],
    ...ssh,
  });
}

/** A pool that trusts the daemons, and nothing of the user's own files. */
export async function poolFor(
  farm: SshdFarm,
  trusted: readonly Sshd[],
  options: Partial<SshPoolOptions> = {},
): Promise<SshPool & AsyncDisposable> {
  const lines = await Promise.all(trusted.map((daemon) => daemon.knownHostsLine()));
  await farm.write('known_hosts', lines.join(''));
  const pool = createSshPool({
    logger: silentLogger,
    authority: denyingAuthority,
    knownHostsFile: path.join(farm.directory, 'muster', 'known_hosts'),
    sshConfigFiles: [],
    ...options,
  });
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.dispose() });
}

export interface RunResult {
  stdout: string;
  stderr: string;
  exitCode: number | null;
  signal: string | null;
}

/** Runs a command to its end. */
export async function run(
  pool: SshPool,
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
