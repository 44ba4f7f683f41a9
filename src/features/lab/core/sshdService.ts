import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { makeFolder } from '../../../platform/files/makeFolder';
import { MusterError } from '../../../platform/errors/errors';
import type { HostShell } from './hostCommand';
import { LoopbackService, type LabService } from './loopbackService';
import { killMarked } from './watchdog';

const sshdPath = '/usr/sbin/sshd';

/** sshd's privilege separation folder, which Debian's service unit makes; root's sshd refuses to start without. */
const runtimeDirectory = '/run/sshd';

/**
 * Runs sshd until its own input ends, then kills it, the connections that it has forked (each leads a
 * session of its own, so no process group holds them) and their commands. `$1` is the configuration,
 * `$2` the mark of the host.
 */
const script = `${killMarked}
${sshdPath} -D -e -f "$1" </dev/null &
daemon=$!
exec 2>/dev/null
read -r _
kill -STOP $daemon
kill -KILL $(grep -ls "^PPid:[[:space:]]*$daemon$" /proc/[0-9]*/status | cut -d/ -f3) $daemon
kill_marked "$2"`;

/** @throws MusterError USAGE when this machine has no OpenSSH server */
export async function requireSshd(): Promise<void> {
  if (process.platform !== 'linux') {
    throw new MusterError('USAGE', 'the lab runs a real sshd on Linux only', {
      hint: 'Start the lab without --sshd.',
    });
  }
  try {
    await access(sshdPath, constants.X_OK);
  } catch (cause) {
    throw new MusterError('USAGE', `there is no OpenSSH server here (${sshdPath})`, {
      hint: 'Install it (Debian: apt-get install openssh-server), or start the lab without --sshd.',
      cause,
    });
  }
  if (userInfo().uid === 0) await makeFolder(runtimeDirectory, 0o755);
}

export interface SshdOptions {
  address: string;
  preferredPort: number;
  /** Where the daemon's own files go, outside the folder that commands see. */
  directory: string;
  hostKeyFile: string;
  authorizedKeysFile: string;
  shell: HostShell;
  /** A line of the shell's environment that no other host has. */
  mark: string;
  /** Where clients may be forwarded to. */
  forwardAddresses: ReadonlySet<string>;
}

/** One lab host's OpenSSH daemon. */
export class SshdService implements LabService {
  private guard: ChildProcess | undefined;
  private boundPort = 0;

  constructor(private readonly options: SshdOptions) {}

  get port(): number {
    return this.boundPort;
  }

  async open(): Promise<void> {
    if (this.guard) return;
    if (this.boundPort === 0) this.boundPort = await this.findPort();
    const configFile = join(this.options.directory, 'sshd_config');
    await writeFile(configFile, this.configuration(), { mode: 0o600 });
    const guard = spawn('/bin/sh', ['-c', script, 'muster-lab-sshd', configFile, this.options.mark], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    guard.stdin.on('error', () => {});
    this.guard = guard;
    try {
      await listening(guard);
    } catch (error) {
      await this.close();
      throw error;
    }
    // Its log is wanted no longer, but a full pipe would stop it.
    guard.stderr.resume();
  }

  async close(): Promise<void> {
    const guard = this.guard;
    if (!guard) return;
    this.guard = undefined;
    const exited = guard.exitCode === null && guard.signalCode === null ? once(guard, 'exit') : undefined;
    guard.stdin?.end();
    await exited;
  }

  private async findPort(): Promise<number> {
    const probe = new LoopbackService(createServer(), this.options.address, this.options.preferredPort);
    await probe.open();
    await probe.close();
    return probe.port;
  }

  private configuration(): string {
    const { address, hostKeyFile, authorizedKeysFile, shell, forwardAddresses } = this.options;
    const environment = Object.entries(shell.env).map(([name, value]) => `"${name}=${value}"`);
    return `${[
      `ListenAddress ${address}`,
      `Port ${this.boundPort}`,
      `HostKey "${hostKeyFile}"`,
      'PidFile none',
      'UsePAM no',
      `AllowUsers ${userInfo().username}`,
      'AuthenticationMethods publickey',
      `AuthorizedKeysFile "${authorizedKeysFile}"`,
      // The lab's folder is below a temporary folder that everybody may write to.
      'StrictModes no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      'PermitUserRC no',
      'PermitTTY no',
      'PrintMotd no',
      'UseDNS no',
      'LogLevel INFO',
      'MaxSessions 10',
      'MaxStartups 1000',
      'X11Forwarding no',
      'AllowAgentForwarding no',
      // PermitOpen below rules sockets out anyway.
      'AllowStreamLocalForwarding no',
      'AllowTcpForwarding local',
      `PermitOpen ${[...forwardAddresses].map((forward) => `${forward}:*`).join(' ')}`,
      'AcceptEnv *',
      `SetEnv ${environment.join(' ')}`,
      // sshd starts commands in the user's real home. To a forced command it passes no signals, nor to any of root's.
      'ForceCommand cd "$HOME" && exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"',
    ].join('\n')}\n`;
  }
}

/** Resolves when sshd says that it listens. @throws MusterError with what it said instead */
async function listening(guard: ChildProcess): Promise<void> {
  const said: string[] = [];
  // Only sshd holds the other end, so its end is the end of this.
  for await (const line of createInterface({ input: guard.stderr! })) {
    if (line.startsWith('Server listening on')) return;
    said.push(line);
  }
  throw new MusterError('REFUSED', `sshd did not start: ${said.join('; ')}`, { phase: 'connect' });
}
