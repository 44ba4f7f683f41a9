import { Readable, Writable } from 'node:stream';
import type { Deadline } from '../../../batch/deadline';
import { handOver, type Notices } from '../../../threads/threadContract';
import type { HostChannel } from '../../hostTransport';
import type { CommandEnd } from '../../howEnded';
import { type OutputName, type SshContract, streamWindow } from './sshContract';

type Tells = Notices<SshContract['methods']>;

/** Bytes of standard input that are sent at a time. */
const pieceBytes = 64 * 1024;
/** Read bytes are reported when they are worth a message. */
const reportedBytes = streamWindow / 4;
/** Milliseconds; a batch gives up after a second what does not end. */
const silenceMs = 500;

/** A command that runs on a host, over a connection of another thread. */
export class ThreadCommand implements HostChannel {
  readonly stdout: DistantOutput;
  readonly stderr: DistantOutput;
  readonly stdin: DistantInput;
  readonly exit: HostChannel['exit'];
  private isStarted = false;
  private isOver = false;
  private wasSent = false;
  private isClosed = false;
  private doubtful: NodeJS.Timeout | undefined;
  private begin = () => {};
  private resolve: (end: CommandEnd) => void = () => {};
  private reject: (error: unknown) => void = () => {};

  constructor(
    private readonly id: number,
    private readonly deadline: Deadline,
    private readonly tells: Tells,
    private readonly onSent: ((isSent: boolean) => void) | undefined,
  ) {
    // Whoever reads or writes no more has no use for the command.
    const dropped = () => this.close();
    const outputOf = (name: OutputName) =>
      new DistantOutput((bytes) => this.ifRunning(() => tells.outputRead(id, name, bytes)), dropped);
    this.stdout = outputOf('stdout');
    this.stderr = outputOf('stderr');
    this.stdin = new DistantInput({
      send: (piece) => this.ifRunning(() => tells.input(id, handOver(piece, [piece.buffer]))),
      end: () => this.ifRunning(() => tells.endInput(id)),
      dropped,
    });
    this.exit = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.exit.catch(() => {});
    // As for a channel: `exit` tells.
    for (const stream of [this.stdin, this.stdout, this.stderr]) stream.on('error', () => {});
  }

  /**
   * Resolves when it has started.
   * @param ended settles when the thread has nothing more to do with it
   * @param isLost whether this is the error of a thread that ended, of which nobody knows how far the command had come
   */
  begun(ended: Promise<CommandEnd>, isLost: (error: unknown) => boolean): Promise<HostChannel> {
    const unhear = this.deadline.onAbort(() => this.doubt());
    return new Promise((resolve, reject) => {
      this.begin = () => resolve(this);
      const settled = ended.finally(() => {
        unhear();
        clearTimeout(this.doubtful);
      });
      settled.then(
        (end) => this.whenRead(() => this.resolve(end)),
        (error: Error) => {
          // It may have been sent, which the thread could no longer say.
          if (!this.wasSent && isLost(error)) this.sent(true);
          if (!this.isStarted) return reject(error);
          // Nobody waits for what has arrived when time is up.
          if (this.deadline.aborted) this.reject(error);
          this.whenRead(() => this.reject(error));
          if (this.deadline.aborted) this.letGo();
        },
      );
    });
  }

  sent(isSent: boolean): void {
    this.wasSent = isSent;
    this.onSent?.(isSent);
  }

  started(): void {
    this.isStarted = true;
    this.begin();
  }

  receive(output: OutputName, piece: Uint8Array): void {
    this[output].receive(piece);
  }

  inputSent(bytes: number): void {
    this.stdin.sent(bytes);
  }

  close(): void {
    if (this.isClosed || this.isOver) return;
    this.isClosed = true;
    this.tells.close(this.id);
    this.letGo();
  }

  /** A thread that is asked to end it, and does not answer, may have sent it. */
  private doubt(): void {
    this.doubtful = setTimeout(() => {
      if (!this.wasSent) this.sent(true);
    }, silenceMs).unref();
  }

  /** It is over: `settle` is called when all that has arrived was read. */
  private whenRead(settle: () => void): void {
    this.isOver = true;
    this.stdin.destroy();
    let open = 2;
    const read = () => {
      if (--open === 0) settle();
    };
    for (const output of [this.stdout, this.stderr]) {
      if (output.closed) read();
      else output.once('close', read);
      output.complete();
    }
  }

  /** Unread output would keep the command. */
  private letGo(): void {
    this.stdout.resume();
    this.stderr.resume();
  }

  private ifRunning(tell: () => void): void {
    if (!this.isOver) tell();
  }
}

/** An output of the command: the thread sends no more than what is read. */
class DistantOutput extends Readable {
  private readonly pieces: Uint8Array[] = [];
  private isWanted = false;
  private isComplete = false;
  private isEnded = false;
  private unreported = 0;

  constructor(
    private readonly report: (bytes: number) => void,
    private readonly dropped: () => void,
  ) {
    super();
  }

  receive(piece: Uint8Array): void {
    this.pieces.push(piece);
    this.giveOn();
  }

  /** No more of it will be received. */
  complete(): void {
    this.isComplete = true;
    this.giveOn();
  }

  override _read(): void {
    this.isWanted = true;
    this.giveOn();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.pieces.length = 0;
    if (!this.isComplete) this.dropped();
    done(error);
  }

  private giveOn(): void {
    if (this.destroyed) return;
    while (this.isWanted && this.pieces.length > 0) {
      const { buffer, byteOffset, length } = this.pieces.shift()!;
      this.unreported += length;
      this.isWanted = this.push(Buffer.from(buffer, byteOffset, length));
    }
    if (this.unreported >= reportedBytes) {
      this.report(this.unreported);
      this.unreported = 0;
    }
    if (!this.isComplete || this.isEnded || this.pieces.length > 0) return;
    this.isEnded = true;
    this.push(null);
  }
}

/** The standard input of the command: no more is on its way than the host takes. */
class DistantInput extends Writable {
  private room = streamWindow;
  private goOn: (() => void) | undefined;

  constructor(
    private readonly way: {
      send: (piece: Uint8Array<ArrayBuffer>) => void;
      end: () => void;
      dropped: () => void;
    },
  ) {
    super();
  }

  /** So many bytes have left the other thread. */
  sent(bytes: number): void {
    this.room += bytes;
    const { goOn } = this;
    this.goOn = undefined;
    goOn?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.sendFrom(chunk, 0, done);
  }

  override _final(done: () => void): void {
    this.way.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // An end would look like the end of what was to be sent.
    if (!this.writableFinished) this.way.dropped();
    done(error);
  }

  private sendFrom(chunk: Buffer, begin: number, done: () => void): void {
    let from = begin;
    while (from < chunk.length) {
      const length = Math.min(pieceBytes, this.room, chunk.length - from);
      if (length <= 0) {
        this.goOn = () => this.sendFrom(chunk, from, done);
        return;
      }
      // A copy, as what was given is that of other hosts as well.
      this.way.send(new Uint8Array(chunk.subarray(from, from + length)));
      this.room -= length;
      from += length;
    }
    done();
  }
}
