import { setTimeout as delay } from 'node:timers/promises';
import type { Client, ClientChannel } from 'ssh2';
import { hintFor, MusterError, toMusterError } from '../errors';
import { printable } from '../printable';
import { ExecChannel } from './execChannel';
import { forwardError } from './forwardError';
import type { SharedAttempt, Waiter } from './sharedAttempt';
import { streamTransport, type Transport } from './transport';

/** Nothing was started: another connection may do. */
export class ConnectionLost extends Error {}

/** The server opens no more channels on this connection. */
export class ChannelRefused extends Error {}

export interface ConnectionEvents {
  /** A slot is free, or the connection is gone. */
  changed(connection: PooledConnection): void;
  closed(connection: PooledConnection): void;
}

/** Milliseconds that a server gets to free the slot of a channel that it has closed. */
const slotGraceMs = 25;
const maxIdleRefusals = 3;

/** Milliseconds for ending what cancelled commands left behind, and for all that runs. */
const cleanUpLimitMs = 2000;
const endLimitMs = 3000;
/**
 * Ends the process groups of all sessions of this connection but its own. sshd passes no signals on to commands of
 * root ("session signalling requires privilege separation"), and lets them run on when their channel is closed.
 * Only where the parent is a process of sshd, which has no other connection, and where /proc tells its children.
 */
const endLeftProcesses = [
  'read -r parent </proc/$PPID/comm',
  '[ "${parent#sshd}" != "$parent" ] || exit',
  'for p in $(cat /proc/$PPID/task/$PPID/children); do [ $p = $$ ] || kill -s TERM -- -$p; done',
].join('; ');

/** A logged-in connection and its channels. Sessions take slots; forwarded connections do not. */
export class PooledConnection {
  /** Resolves when socket, jump channel or command are gone. */
  readonly closed: Promise<void>;
  private readonly channels = new Set<ExecChannel>();
  private sessions = 0;
  private forwards = 0;
  private served = 0;
  private refusedWhileIdle = 0;
  private resting = false;
  /** Commands that were cancelled and did not end: no more work until they have. */
  private left = 0;
  private cleaning = false;
  private whenClean: (() => void) | undefined;
  /** No answer came in time: it may be dead, and takes no more work. */
  private suspect = false;
  private closing = false;
  private gone = false;
  private whenReleased: (() => void) | undefined;
  private idleTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly client: Client,
    private readonly transport: Transport,
    private maxSessions: number,
    private readonly idleMs: number,
    private readonly events: ConnectionEvents,
  ) {
    this.closed = new Promise((resolve) => {
      client.once('close', () => {
        this.gone = true;
        clearTimeout(this.idleTimer);
        for (const channel of this.channels) channel.linkLost();
        this.whenReleased?.();
        this.events.closed(this);
        void transport.close().then(resolve);
      });
    });
    this.startIdling();
  }

  get hasFreeSlot(): boolean {
    return this.isUsable && !this.resting && this.left === 0 && this.sessions < this.maxSessions;
  }

  get isIdle(): boolean {
    return this.sessions === 0 && this.forwards === 0 && !this.cleaning;
  }

  /** Whether other connections go through it. */
  get isJump(): boolean {
    return this.forwards > 0;
  }

  /** Whether it can be used as a jump. */
  get isUsable(): boolean {
    return !this.gone && !this.closing && !this.suspect;
  }

  /** Takes a slot; `exec` gives it back when its channel is closed. */
  reserve(): void {
    this.sessions++;
    clearTimeout(this.idleTimer);
  }

  /** Keeps the connection from idling until the returned function is called. */
  hold(): () => void {
    this.forwards++;
    clearTimeout(this.idleTimer);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.forwards--;
      this.released();
    };
  }

  /**
   * Starts a command on a reserved slot.
   * @throws ConnectionLost, ChannelRefused when it was not started and another connection may do; MusterError
   */
  async exec(command: string, waiter: Waiter): Promise<ExecChannel> {
    try {
      return await this.open(command, waiter);
    } catch (error) {
      if (error instanceof ChannelRefused) await this.learnFrom();
      throw error;
    }
  }

  /** A connection from the server to another one. @throws ConnectionLost, MusterError in phase connect */
  forward(address: string, port: number, attempt: SharedAttempt<unknown>): Promise<Transport> {
    const release = this.hold();
    return new Promise((resolve, reject) => {
      const unhear = attempt.onAbort(() => reject(toMusterError(attempt.reason, { phase: attempt.phase })));
      const opened = (error: Error | undefined, channel: ClientChannel) => {
        unhear();
        if (error) {
          release();
          reject(this.isLost(error) ? new ConnectionLost(error.message) : forwardError(error));
          return;
        }
        channel.once('close', release);
        const transport = streamTransport(channel);
        if (attempt.reason) void transport.close();
        else resolve(transport);
      };
      try {
        this.client.forwardOut('127.0.0.1', 0, address, port, opened);
      } catch (error) {
        opened(error as Error, undefined as never);
      }
    });
  }

  /** Ends the commands that run, then hangs up. */
  async end(reason: MusterError): Promise<void> {
    for (const channel of this.channels) channel.abort(reason);
    const quiet = () => this.sessions === 0 && !this.cleaning;
    if (!this.gone && !quiet()) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, endLimitMs);
        this.whenReleased = () => {
          if (!this.gone && !quiet()) return;
          clearTimeout(timer);
          resolve();
        };
      });
    }
    await this.close();
  }

  /** Hangs up; what runs ends with RESET. */
  close(): Promise<void> {
    if (!this.closing && !this.gone) {
      this.closing = true;
      this.client.end();
      void this.transport.close();
    }
    return this.closed;
  }

  private open(command: string, waiter: Waiter): Promise<ExecChannel> {
    return new Promise((resolve, reject) => {
      const unhear = waiter.onAbort(() => {
        this.suspect ||= waiter.reason?.code === 'TIMEOUT';
        reject(toMusterError(waiter.reason, { phase: 'channel' }));
      });
      const opened = (error: Error | undefined, channel: ClientChannel) => {
        unhear();
        if (error) {
          this.release();
          reject(this.execError(error));
          return;
        }
        this.suspect = false;
        this.served++;
        this.refusedWhileIdle = 0;
        const started = new ExecChannel(channel, waiter, () => this.commandLeft());
        this.channels.add(started);
        channel.once('close', () => {
          this.channels.delete(started);
          if (started.isLeft) this.left--;
          this.release();
        });
        if (!waiter.reason) resolve(started);
      };
      try {
        this.client.exec(command, opened);
      } catch (error) {
        opened(error as Error, undefined as never);
      }
    });
  }

  private execError(error: Error & { reason?: unknown }): Error {
    if (this.isLost(error)) return new ConnectionLost(error.message);
    const refused = typeof error.reason === 'number';
    if (refused && (this.served > 0 || this.sessions > 0)) return new ChannelRefused(error.message);
    if (this.gone) {
      return new MusterError('RESET', 'the connection was lost when the command was sent', {
        phase: 'channel',
        hint: hintFor('RESET'),
        cause: error,
      });
    }
    return new MusterError('PROTOCOL', `the server runs no command: ${printable(error.message)}`, {
      phase: 'channel',
      hint: "Check the user's shell, and ForceCommand and MaxSessions of sshd.",
      cause: error,
    });
  }

  /** Whether the link was gone before the channel was opened; ssh2 tells by these messages only. */
  private isLost(error: Error): boolean {
    return error.message === 'Not connected' || (this.gone && error.message === 'No response from server');
  }

  private async learnFrom(): Promise<void> {
    if (this.sessions > 0) {
      this.maxSessions = Math.min(this.maxSessions, this.sessions);
      return;
    }
    // A closed channel may take the server a moment more, or as long as a process left behind by its command lives.
    if (++this.refusedWhileIdle > maxIdleRefusals) await this.close();
    else {
      this.resting = true;
      await delay(slotGraceMs * this.refusedWhileIdle);
      this.resting = false;
      this.events.changed(this);
    }
  }

  private commandLeft(): void {
    this.left++;
    void this.cleanUp();
  }

  /** Only when no other command of this connection runs, what does run was left. */
  private async cleanUp(): Promise<void> {
    if (this.gone || this.cleaning || this.left === 0 || this.left < this.sessions) return;
    this.cleaning = true;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, cleanUpLimitMs);
      this.whenClean = () => {
        clearTimeout(timer);
        resolve();
      };
      this.client.exec(`exec sh -c '${endLeftProcesses}' 2>/dev/null`, (error, channel) => {
        if (error) return this.whenClean?.();
        channel.resume();
        channel.stderr.resume();
      });
    });
    this.cleaning = false;
    // What heeds no TERM keeps its channel for as long as it runs.
    this.suspect ||= this.left > 0;
    this.released();
  }

  private release(): void {
    this.sessions--;
    if (this.left === 0) this.whenClean?.();
    void this.cleanUp();
    this.released();
  }

  private released(): void {
    const hasWork = this.forwards > 0 || this.sessions > this.left || this.cleaning;
    if (this.suspect && !hasWork) void this.close();
    else if (this.isIdle) this.startIdling();
    this.whenReleased?.();
    this.events.changed(this);
  }

  private startIdling(): void {
    if (this.gone) return;
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => void this.close(), this.idleMs).unref();
  }
}
