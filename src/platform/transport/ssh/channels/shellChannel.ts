import type { Readable, Writable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { hintFor, MusterError } from '../../../errors/errors';
import { t } from '../../../l10n/l10n';
import type { HostShell } from '../../hostTransport';

/** Milliseconds that a shell and what runs in it get to end after their terminal was hung up. */
const hangUpGraceMs = 2000;

export interface ShellEvents {
  /** Called once, when it has been told to close or has closed. */
  hungUp(): void;
  /** It ignores that its terminal is gone. */
  left(): void;
}

/** A terminal on a host: a channel whose end is a hang-up, which a server passes on even for root. */
export class ShellChannel implements HostShell {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly exit: HostShell['exit'];
  /** Whether it has not ended after it was asked to. */
  isLeft = false;
  private inUse = true;
  private exited = false;
  private cut = false;
  private reject: (reason: MusterError) => void = () => {};

  constructor(
    private readonly channel: ClientChannel,
    private readonly events: ShellEvents,
  ) {
    this.stdin = channel;
    this.stdout = channel;
    // A terminal has one output; what a server sends besides would fill up the window.
    channel.stderr.resume();
    channel.on('error', () => {});
    channel.once('close', () => this.endUse());
    this.exit = this.ended();
    this.exit.catch(() => {});
  }

  resize(columns: number, rows: number): void {
    try {
      this.channel.setWindow(rows, columns, 0, 0);
    } catch {
      // The connection is gone, and the channel with it.
    }
  }

  close(): void {
    if (!this.inUse) return;
    this.endUse();
    // Unread output would keep the channel open.
    this.stdout.resume();
    const timer = setTimeout(() => {
      this.isLeft = true;
      this.events.left();
    }, hangUpGraceMs);
    this.channel.once('close', () => clearTimeout(timer));
    this.channel.close();
  }

  /** Hangs up; `exit` rejects. */
  abort(reason: MusterError): void {
    this.close();
    this.reject(reason);
  }

  /** Call it when the link is lost, before ssh2 closes the channel by itself. */
  linkLost(): void {
    this.cut = !this.exited;
  }

  private endUse(): void {
    if (!this.inUse) return;
    this.inUse = false;
    this.events.hungUp();
  }

  private ended(): HostShell['exit'] {
    let exitCode: number | null = null;
    let signal: string | null = null;
    this.channel.once('exit', (code: number | null, name?: string) => {
      this.exited = true;
      exitCode = code;
      signal = name?.replace(/^SIG/, '') ?? null;
    });
    return new Promise((resolve, reject) => {
      this.reject = reject;
      this.channel.once('close', () => {
        if (!this.cut) return resolve({ exitCode, signal });
        const message = t('the connection was lost while the terminal was open');
        reject(new MusterError('RESET', message, { phase: 'run', hint: hintFor('RESET') }));
      });
    });
  }
}
