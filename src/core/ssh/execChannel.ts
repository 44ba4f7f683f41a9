import type { Readable, Writable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { hintFor, MusterError, toMusterError } from '../errors';
import type { Waiter } from './sharedAttempt';
import type { SshChannel } from './sshPool';

/** A command that runs on a host. */
export class ExecChannel implements SshChannel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exit: SshChannel['exit'];
  private closed = false;
  private exited = false;
  /** Whether the link was lost before all had arrived. */
  private cut = false;

  /** @param waiter ends the command when it aborts */
  constructor(
    private readonly channel: ClientChannel,
    waiter: Waiter,
  ) {
    this.stdin = channel;
    this.stdout = channel;
    this.stderr = channel.stderr;
    // A command may end before its input does, and a link may drop: `exit` tells.
    channel.on('error', () => {});
    this.exit = this.ended(waiter);
    this.exit.catch(() => {});
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    try {
      this.channel.signal('TERM');
      this.channel.close();
    } catch {
      // The connection is gone, and the command with it.
    }
    // Unread output would keep the channel open.
    this.stdout.resume();
    this.stderr.resume();
  }

  /** Call it when the link is lost, before ssh2 closes the channel by itself. */
  linkLost(): void {
    const { incoming } = this.channel as unknown as { incoming?: { state?: 'open' | 'eof' | 'closed' } };
    const complete = incoming?.state === 'closed' || (incoming?.state === 'eof' && this.exited);
    this.cut = !complete;
  }

  private ended(waiter: Waiter): SshChannel['exit'] {
    const { channel } = this;
    let exitCode: number | null = null;
    let signal: string | null = null;
    channel.once('exit', (code: number | null, name?: string) => {
      this.exited = true;
      exitCode = code;
      signal = name?.replace(/^SIG/, '') ?? null;
    });
    return new Promise((resolve, reject) => {
      const unhear = waiter.onAbort(() => {
        this.close();
        reject(toMusterError(waiter.reason, { phase: 'run' }));
      });
      let open = 2;
      const streamClosed = () => {
        if (--open > 0) return;
        unhear();
        this.closed = true;
        if (!this.cut) resolve({ exitCode, signal });
        else {
          reject(
            new MusterError('RESET', 'the connection was lost while the command ran', {
              phase: 'run',
              hint: hintFor('RESET'),
            }),
          );
        }
      };
      channel.once('close', streamClosed);
      channel.stderr.once('close', streamClosed);
    });
  }
}
