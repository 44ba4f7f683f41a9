import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, ClientChannel, SFTPWrapper } from 'ssh2';
import { hintFor, MusterError, peerOf, toMusterError } from '../../../errors/errors';
import { t } from '../../../l10n/l10n';
import type { SecretDestination } from '../../../host/host';
import { channelError } from '../channels/channelError';
import { endLeftProcesses } from '../channels/endLeftProcesses';
import { ExecChannel } from '../channels/execChannel';
import { forwardError } from '../channels/forwardError';
import { SftpChannel } from '../sftp/sftpChannel';
import { noSftp } from '../sftp/sftpError';
import type { Waiter } from './sharedAttempt';
import { ShellChannel } from '../channels/shellChannel';
import type { Destination, ShellRequest, SocketPath } from '../../hostTransport';
import { streamTransport, type Transport } from '../transport';

/** Nothing was started: another connection may do. */
export class ConnectionLost extends Error {
  /** @param isOurs the pool has hung up, which says nothing about the server */
  constructor(
    message: string,
    readonly isOurs: boolean,
  ) {
    super(message);
  }
}

/** The server opens no more channels on this connection. */
export class ChannelRefused extends Error {
  /** @param others sessions that were open on the connection; with none, taken slots may not be the cause */
  constructor(
    message: string,
    readonly others: number,
  ) {
    super(message);
  }
}

export interface ConnectionEvents {
  /** The server grants no more sessions than these. */
  grants(sessions: number): void;
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
/** Bytes that a host may still send after it was told to end: what was under way, and no flood. */
const mostAfterEnd = 16 * 1024 * 1024;
const floodLookMs = 50;

type Opened<Raw = ClientChannel> = (error: Error | undefined, channel: Raw) => void;
type Session = ExecChannel | ShellChannel | SftpChannel;

/** A logged-in connection and its channels. Sessions take slots; forwarded connections do not. */
export class PooledConnection {
  /** Resolves when socket, jump channel or command are gone. */
  readonly closed: Promise<void>;
  private readonly channels = new Set<Session>();
  private readonly streams = new Set<ClientChannel>();
  private sessions = 0;
  /** Of the sessions, those with a terminal that is still in use. */
  private shells = 0;
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
    /** The server at its end. */
    readonly server: SecretDestination,
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
        for (const stream of this.streams) breakOff(stream);
        this.whenReleased?.();
        this.events.closed(this);
        void transport.close().then(resolve);
      });
    });
    this.startIdling();
  }

  get hasFreeSlot(): boolean {
    return (
      this.isUsable && !this.resting && !this.cleaning && this.left === 0 && this.sessions < this.maxSessions
    );
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
   * Starts a command, or the login shell, on a reserved slot.
   * @throws ConnectionLost, ChannelRefused when it was not started and another connection may do; MusterError
   */
  exec(command: string | undefined, waiter: Waiter, env: Record<string, string>): Promise<ExecChannel> {
    return this.session(
      (opened) => {
        if (command === undefined) this.client.shell(false, { env }, opened);
        else this.client.exec(command, { env }, opened);
      },
      (channel) => new ExecChannel(channel, waiter, () => this.commandLeft()),
      waiter,
    );
  }

  /** Starts a shell, or a command, with a terminal on a reserved slot. @throws what `exec` throws */
  shell({ term, columns, rows, command }: ShellRequest, waiter: Waiter): Promise<ShellChannel> {
    const size = { term, cols: columns, rows, width: 0, height: 0 };
    return this.session(
      (opened) => {
        if (command === undefined) this.client.shell(size, opened);
        else this.client.exec(command, { pty: size }, opened);
      },
      (channel) => {
        this.shells++;
        void this.cleanUp();
        return new ShellChannel(channel, {
          hungUp: () => this.shells--,
          left: () => this.commandLeft(),
        });
      },
      waiter,
    );
  }

  /** Starts SFTP on a reserved slot. @throws what `exec` throws */
  sftp(host: string, waiter: Waiter): Promise<SftpChannel> {
    return this.session<SftpChannel, SFTPWrapper>(
      (opened) => {
        this.client.sftp((error, sftp) => {
          if (error) closeRefusedSftp(this.client);
          const isRefused = error?.message === 'Unable to start subsystem: sftp' || endedAtOnce(error);
          opened(isRefused && !this.gone ? noSftp(error!) : error, sftp);
        });
      },
      (sftp) => new SftpChannel(sftp, host),
      waiter,
    );
  }

  /** A connection from the server to another one. @throws ConnectionLost, MusterError in phase connect */
  forward(to: Destination | SocketPath, waiter: Waiter): Promise<Transport> {
    const release = this.hold();
    return new Promise((resolve, reject) => {
      const unhear = waiter.onAbort(() =>
        reject(toMusterError(waiter.reason, { phase: 'connect', peer: 'path' in to ? to.path : peerOf(to) })),
      );
      const opened: Opened = (error, channel) => {
        unhear();
        if (error) {
          release();
          reject(this.isLost(error) ? this.lost(error) : forwardError(error));
          return;
        }
        channel.once('close', release);
        const transport = streamTransport(channel);
        if (waiter.reason) void transport.close();
        else resolve(transport);
      };
      try {
        if ('path' in to) this.client.openssh_forwardOutStreamLocal(to.path, opened);
        else this.client.forwardOut('127.0.0.1', 0, to.address, to.port, opened);
      } catch (error) {
        opened(error as Error, undefined as never);
      }
    });
  }

  /**
   * Like `forward`, for a stream that errors with RESET when the link drops before its end, and with the reason
   * for which its reader destroys it.
   */
  async connect(to: Destination | SocketPath, waiter: Waiter): Promise<Duplex> {
    const stream = (await this.forward(to, waiter)).stream as ClientChannel;
    const closeChannel = stream.destroy.bind(stream);
    this.streams.add(stream);
    // ssh2 drops the reason. Of what comes after it, such as a lost link, whoever gave the stream up need not hear.
    stream.destroy = (reason?: Error) => {
      const isFirst = this.streams.delete(stream);
      if (isFirst && reason) process.nextTick(() => stream.emit('error', reason));
      return closeChannel();
    };
    stream.once('close', () => this.streams.delete(stream));
    return stream;
  }

  /** Ends the commands that run, then hangs up. */
  async end(reason: MusterError): Promise<void> {
    for (const channel of this.channels) channel.abort(reason);
    const quiet = () => this.sessions === 0 && !this.cleaning;
    if (!this.gone && !quiet()) {
      await new Promise<void>((resolve) => {
        const finish = () => {
          clearTimeout(timer);
          clearInterval(look);
          resolve();
        };
        const timer = setTimeout(finish, endLimitMs);
        const before = this.transport.received();
        const look = setInterval(() => {
          // Whoever floods does not listen.
          if (this.transport.received() - before > mostAfterEnd) finish();
        }, floodLookMs);
        this.whenReleased = () => {
          if (this.gone || quiet()) finish();
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

  /** Opens a channel on a reserved slot, which is free again when the channel is closed. */
  private async session<Channel extends Session, Raw extends ClientChannel | SFTPWrapper = ClientChannel>(
    request: (opened: Opened<Raw>) => void,
    start: (channel: Raw) => Channel,
    waiter: Waiter,
  ): Promise<Channel> {
    try {
      return await this.open(request, start, waiter);
    } catch (error) {
      if (error instanceof ChannelRefused) await this.learnFrom(error);
      throw error;
    }
  }

  private open<Channel extends Session, Raw extends ClientChannel | SFTPWrapper>(
    request: (opened: Opened<Raw>) => void,
    start: (channel: Raw) => Channel,
    waiter: Waiter,
  ): Promise<Channel> {
    return new Promise((resolve, reject) => {
      const unhear = waiter.onAbort(() => {
        this.suspect ||= waiter.reason?.code === 'TIMEOUT';
        reject(toMusterError(waiter.reason, { phase: 'channel' }));
      });
      const opened: Opened<Raw> = (error, channel) => {
        unhear();
        if (error) {
          this.release();
          reject(this.execError(error));
          return;
        }
        this.suspect = false;
        this.served++;
        this.refusedWhileIdle = 0;
        const started = start(channel);
        this.channels.add(started);
        channel.once('close', () => {
          this.channels.delete(started);
          if (started.isLeft) this.left--;
          this.release();
        });
        // It came too late: nobody waits for it any more.
        if (waiter.reason) started.close();
        else resolve(started);
      };
      try {
        request(opened);
      } catch (error) {
        opened(error as Error, undefined as never);
      }
    });
  }

  private execError(error: Error & { reason?: unknown }): Error {
    if (error instanceof MusterError) return error;
    if (this.isLost(error)) return this.lost(error);
    const refused = typeof error.reason === 'number';
    if (refused && (this.served > 0 || this.sessions > 0))
      return new ChannelRefused(error.message, this.sessions);
    return channelError(error, this.gone);
  }

  /** Whether the link was gone before the channel was opened; ssh2 tells by these messages only. */
  private isLost(error: Error): boolean {
    return error.message === 'Not connected' || (this.gone && error.message === 'No response from server');
  }

  private lost(error: Error): ConnectionLost {
    return new ConnectionLost(error.message, this.closing);
  }

  private async learnFrom({ others }: ChannelRefused): Promise<void> {
    if (others > 0) {
      this.maxSessions = Math.min(this.maxSessions, others);
      this.events.grants(this.maxSessions);
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

  /** Only when no other command of this connection runs, what does run was left. Shells are spared. */
  private async cleanUp(): Promise<void> {
    if (this.gone || this.cleaning || this.left === 0 || this.left < this.sessions - this.shells) return;
    this.cleaning = true;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, cleanUpLimitMs);
      const finish = () => {
        clearTimeout(timer);
        resolve();
      };
      // Not before it has ended on the server: it would end what is started next.
      let hasEnded = false;
      this.whenClean = () => {
        if (hasEnded && this.left === 0) finish();
      };
      try {
        this.client.exec(`exec sh -c '${endLeftProcesses}' 2>/dev/null`, (error, channel) => {
          if (error) return finish();
          channel.resume();
          channel.stderr.resume();
          channel.once('close', () => {
            hasEnded = true;
            this.whenClean?.();
          });
        });
      } catch {
        // The link has just been lost, and ssh2 knows before it says so.
        finish();
      }
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

/** ssh2 ends what a lost link has cut as if it were complete. */
function breakOff(stream: ClientChannel): void {
  const { incoming } = stream as unknown as { incoming?: { state?: string } };
  if (incoming?.state === 'open') {
    const message = t('the SSH connection was lost');
    stream.emit('error', new MusterError('RESET', message, { phase: 'run', hint: hintFor('RESET') }));
  }
}

/** The SFTP server was not there, or its command said something else than SFTP. */
function endedAtOnce(error: (Error & { level?: string }) | undefined): boolean {
  return / SFTP session/.test(error?.message ?? '') || error?.level === 'sftp-protocol';
}

/** ssh2 leaves the channel open on which a server has refused SFTP, and with it one of the sessions it grants. */
function closeRefusedSftp(client: Client): void {
  const { _chanMgr } = client as unknown as {
    _chanMgr?: { _channels?: Record<string, { type?: string; subtype?: string; _callbacks?: unknown[] }> };
  };
  for (const channel of Object.values(_chanMgr?._channels ?? {})) {
    const isRefused = channel.type === 'sftp' && channel.subtype === undefined;
    if (isRefused && channel._callbacks?.length === 0) (channel as unknown as SFTPWrapper).end();
  }
}
