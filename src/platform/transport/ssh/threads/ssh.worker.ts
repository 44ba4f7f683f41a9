// Runs in a worker thread, started by sshThreads.ts.
import type { Readable } from 'node:stream';
import { Deadline } from '../../../batch/deadline';
import type { Logger } from '../../../host/host';
import type { Host } from '../../../inventory/model';
import { serveThread } from '../../../threads/serveThread';
import { handOver, type Notices } from '../../../threads/threadContract';
import type { HostChannel } from '../../hostTransport';
import { ConnectionPool } from '../pool/connectionPool';
import { KnownHostsStore } from '../trust/knownHostsStore';
import { AskingKeyFiles, AskingVerifier, QuestionsToPool } from './questionsToPool';
import { type OutputName, type SshContract, streamWindow, type WorkRequest } from './sshContract';

type Tells = Notices<SshContract['news']>;

serveThread<SshContract>((data, tells) => {
  const { knownHostsFile, maxConnections, ...limits } = data;
  const logger: Logger = {
    debug: (message) => tells.log('debug', message),
    info: (message) => tells.log('info', message),
    warn: (message) => tells.log('warn', message),
    error: (message) => tells.log('error', message),
  };
  const questions = new QuestionsToPool(tells);
  const { authority } = questions;
  let inventory: string | undefined;
  const verifier = new AskingVerifier(
    questions,
    new KnownHostsStore(knownHostsFile, { ...logger, warn: (message) => tells.warnOnce(message) }),
    ...([authority, logger, () => inventory] as const),
  );
  const pool = new ConnectionPool({
    // The pool has found out already how the host is reached.
    targets: { resolve: (host) => Promise.resolve((host as Host & WorkRequest).target) },
    settings: { ...limits, logger, authority, verifier, keyFiles: new AskingKeyFiles(questions) },
    maxConnections: () => maxConnections,
  });
  const commands = new Map<number, RunningCommand>();

  /** The clock is kept by the thread that asks; what it says arrives as an abort. */
  const work = async <Result>(
    { id, host, target, overrideCircuit }: WorkRequest,
    signal: AbortSignal,
    start: (host: Host, options: { deadline: Deadline; overrideCircuit: boolean }) => Promise<Result>,
  ): Promise<Result> => {
    const deadline = new DistantDeadline(signal, (isPaused) => tells.paused(id, isPaused));
    try {
      return await start({ name: host, target } as unknown as Host, { deadline, overrideCircuit });
    } finally {
      deadline.dispose();
    }
  };

  return {
    useInventory: (file) => (inventory = file),
    run: (request, signal) =>
      work(request, signal, async (host, options) => {
        const { id, command, operation } = request;
        const onSent = (isSent: boolean) => tells.sent(id, isSent);
        const channel = await pool.exec(host, command, { ...options, operation, onSent });
        commands.set(id, new RunningCommand(id, channel, tells, signal));
        tells.started(id);
        try {
          return await channel.exit;
        } finally {
          commands.delete(id);
        }
      }),
    destination: (request, signal) =>
      work(request, signal, (host, options) => pool.destinationThrough(host, options)),
    input: (id, piece) => commands.get(id)?.input(piece),
    endInput: (id) => commands.get(id)?.endInput(),
    outputRead: (id, output, bytes) => commands.get(id)?.outputRead(output, bytes),
    close: (id) => commands.get(id)?.close(),
    answer: (question, answer) => questions.answered(question, answer),
    end: () => pool.dispose(),
  };
});

/** One that says when its clock stands still. */
class DistantDeadline extends Deadline {
  private stopped = 0;

  constructor(
    signal: AbortSignal,
    private readonly said: (isPaused: boolean) => void,
  ) {
    super(0, signal);
  }

  override pause(): () => void {
    const resume = super.pause();
    if (this.stopped++ === 0) this.said(true);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      resume();
      if (--this.stopped === 0) this.said(false);
    };
  }
}

/** A command whose streams are in the other thread. */
class RunningCommand {
  private readonly unread: Record<OutputName, number> = { stdout: 0, stderr: 0 };
  private isClosed = false;

  constructor(
    private readonly id: number,
    private readonly channel: HostChannel,
    private readonly tells: Tells,
    /** Ends the command. */
    private readonly signal: AbortSignal,
  ) {
    this.sendOn('stdout', channel.stdout);
    this.sendOn('stderr', channel.stderr);
    // The command may end before its input does.
    channel.stdin.on('error', () => {});
  }

  input(piece: Uint8Array): void {
    this.channel.stdin.write(piece, () => this.tells.inputSent(this.id, piece.length));
  }

  endInput(): void {
    this.channel.stdin.end();
  }

  outputRead(output: OutputName, bytes: number): void {
    this.unread[output] -= bytes;
    if (this.unread[output] < streamWindow) this.channel[output].resume();
  }

  close(): void {
    this.isClosed = true;
    this.channel.close();
  }

  private sendOn(output: OutputName, stream: Readable): void {
    stream.on('data', (chunk: Buffer) => {
      // What was told to end is no longer held back, and nobody waits for what it still says.
      const isEnding = this.isClosed || this.signal.aborted;
      if (isEnding && this.unread[output] >= streamWindow) return;
      this.unread[output] += chunk.length;
      // What it is a part of is ssh2's.
      const piece = new Uint8Array(chunk);
      this.tells.output(this.id, output, handOver(piece, [piece.buffer]));
      if (this.unread[output] >= streamWindow && !isEnding) stream.pause();
    });
  }
}
