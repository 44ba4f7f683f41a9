import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Deadline } from '../deadline';
import { MusterError } from '../errors';
import type { Host } from '../inventory/model';
import { t } from '../l10n';
import type { SshChannel, SshCommands } from '../ssh/sshPool';
import { loaded, loader } from './remoteScript';

/** Milliseconds for connecting and starting. */
const openMs = 30_000;
/** Channels that are being opened at the same time. */
const mostOpening = 50;

/** Lets a bounded number of things be done at once. */
export class Gate {
  private left: number;
  private readonly waiting: (() => void)[] = [];

  constructor(width = mostOpening) {
    this.left = width;
  }

  async through<T>(work: () => Promise<T>): Promise<T> {
    if (this.left > 0) this.left--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.left++;
    }
  }
}

/** Starts a script on a host, or here without one. @throws MusterError */
export async function openFollowChannel(
  ssh: SshCommands,
  host: Host | undefined,
  script: string,
  signal: AbortSignal,
  overrideCircuit: boolean,
): Promise<SshChannel> {
  if (!host) return localChannel(script);
  // The time limit is one of opening: afterwards the channel lives until it is closed.
  const deadline = new Deadline(openMs, signal);
  try {
    const channel = await ssh.exec(host, loader, { deadline, overrideCircuit });
    channel.stdin.write(loaded(script));
    return channel;
  } finally {
    deadline.dispose();
  }
}

function localChannel(script: string): SshChannel {
  if (process.platform === 'win32')
    throw new MusterError('PROTOCOL', t('local logs are followed with sh, which this machine has not'), {
      phase: 'run',
      hint: t('Open the file instead, or follow it on a host.'),
    });
  const child = spawn('sh', ['-c', loader], { stdio: 'pipe', detached: true });
  child.stdin.on('error', () => {});
  child.stdin.write(loaded(script));
  const exit = (once(child, 'close') as Promise<[number | null, string | null]>).then(
    ([exitCode, signal]) => ({
      exitCode,
      signal: signal?.replace(/^SIG/, '') ?? null,
    }),
  );
  exit.catch(() => {});
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exit,
    close: () => {
      child.stdout.resume();
      child.stderr.resume();
      // The script ends with its standard input, and all that it started with it.
      child.stdin.destroy();
    },
  };
}
