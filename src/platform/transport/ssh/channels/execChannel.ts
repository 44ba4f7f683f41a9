import type { Readable, Writable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { hintFor, MusterError, toMusterError } from '../../../errors/errors';
import { t } from '../../../l10n/l10n';
import type { Waiter } from '../pool/sharedAttempt';
import type { HostChannel } from '../../hostTransport';

/** Milliseconds that a command gets to end after TERM before its channel is closed. */
const termGraceMs = 250;

/** A command that runs on a host. */
export class ExecChannel implements HostChannel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exit: HostChannel['exit'];
  /** Whether the command has not ended after it was asked to. */
  isLeft = false;
  /** Whether it was told to close, or is closed. */
  private closed = false;
  private exited = false;
  /** Whether the link was lost before all had arrived. */
  private cut = false;
  private reject: (reason: MusterError) => void = () => {};

  /**
   * @param waiter ends the command when it aborts
   * @param left called when the command has not ended after it was asked to
   */
  constructor(
    private readonly channel: ClientChannel,
    waiter: Waiter,
    private readonly left: () => void,
  ) {
    this.stdin = channel;
    this.stdout = channel;
    this.stderr = channel.stderr;
    // A command may end before its input does, and a link may drop: `exit` tells.
    channel.on('error', () => {});
    channel.once('close', () => {
      this.closed = true;
    });
    this.exit = this.ended(waiter);
    this.exit.catch(() => {});
  }

  /** Ends the command; `exit` rejects. */
  abort(reason: MusterError): void {
    this.close();
    this.reject(reason);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    // Unread output would keep the channel open.
    this.stdout.resume();
    this.stderr.resume();
    try {
      this.channel.signal('TERM');
    } catch {
      // The connection is gone, and the channel with it.
    }
    const timer = setTimeout(() => {
      this.isLeft = true;
      this.channel.close();
      this.left();
    }, termGraceMs);
    this.channel.once('close', () => clearTimeout(timer));
  }

  /** Call it when the link is lost, before ssh2 closes the channel by itself. */
  linkLost(): void {
    const { incoming } = this.channel as unknown as { incoming?: { state?: 'open' | 'eof' | 'closed' } };
    const complete = incoming?.state === 'closed' || (incoming?.state === 'eof' && this.exited);
    this.cut = !complete;
  }

  private ended(waiter: Waiter): HostChannel['exit'] {
    const { channel } = this;
    let exitCode: number | null = null;
    let signal: string | null = null;
    channel.once('exit', (code: number | null, name?: string) => {
      this.exited = true;
      exitCode = code;
      signal = name?.replace(/^SIG/, '') ?? null;
    });
    return new Promise((resolve, reject) => {
      this.reject = reject;
      const unhear = waiter.onAbort(() => this.abort(toMusterError(waiter.reason, { phase: 'run' })));
      let open = 2;
      const streamClosed = () => {
        if (--open > 0) return;
        unhear();
        if (!this.cut) resolve({ exitCode, signal });
        else {
          reject(
            new MusterError('RESET', t('the connection was lost while the command ran'), {
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
