import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { homeFolder } from '../../files/homeFolder';
import type { Deadline } from '../../batch/deadline';
import { type MusterError, toMusterError } from '../../errors/errors';
import type { HostChannel } from '../hostTransport';
import { endShell, signalGroup, userEnvironment } from './shellProcess';

export interface LocalProcessOptions {
  /** Added to the environment. */
  env?: NodeJS.ProcessEnv;
  /** What asks it to end. */
  firstSignal?: NodeJS.Signals;
  /** Whether it writes to descriptor 3. */
  hasNotes?: boolean;
}

/** A program that runs on this machine, in a process group of its own. */
export class LocalProcess implements HostChannel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exit: HostChannel['exit'];
  /** Resolves when nothing of it is left. */
  readonly gone: Promise<void>;
  private ending: Promise<void> | undefined;
  private isOver = false;
  private reject: (reason: MusterError) => void = () => {};

  /** Starts it in the home folder, as sshd does. @throws MusterError */
  static async start(
    program: string,
    words: readonly string[],
    { env, firstSignal = 'SIGTERM', hasNotes = false }: LocalProcessOptions = {},
  ): Promise<LocalProcess> {
    const stdio: StdioOptions = ['pipe', 'pipe', 'pipe', hasNotes ? 'pipe' : 'ignore'];
    try {
      const child = spawn(program, words, {
        ...{ cwd: homeFolder(), env: { ...userEnvironment(), ...env }, detached: true, stdio },
      });
      await once(child, 'spawn');
      return new LocalProcess(child, firstSignal);
    } catch (error) {
      throw toMusterError(error, { phase: 'channel' });
    }
  }

  private constructor(
    private readonly child: ChildProcess,
    private readonly firstSignal: NodeJS.Signals,
  ) {
    this.stdin = child.stdin!;
    this.stdout = child.stdout!;
    this.stderr = child.stderr!;
    // A command may end before its input does: `exit` tells.
    this.stdin.on('error', () => {});
    child.on('error', () => {});
    this.exit = new Promise((resolve, reject) => {
      this.reject = reject;
      child.once('close', (exitCode, signal) => {
        this.isOver = true;
        resolve({ exitCode, signal: signal?.replace(/^SIG/, '') ?? null });
      });
    });
    this.exit.catch(() => {});
    this.gone = new Promise((resolve) => child.once('close', () => resolve(this.ending)));
  }

  /** What it writes to descriptor 3, where it was started with notes. */
  get notes(): Readable {
    return this.child.stdio[3] as Readable;
  }

  /** Ends it when the deadline is over. */
  endWith(deadline: Deadline): void {
    const unhear = deadline.onAbort(() => this.abort(toMusterError(deadline.reason, { phase: 'run' })));
    this.child.once('close', unhear);
  }

  /** Ends it; `exit` rejects. */
  abort(reason: MusterError): void {
    this.close();
    this.reject(reason);
  }

  close(): void {
    if (this.isOver) return;
    // Unread output would hold back its end.
    this.stdout.resume();
    this.stderr.resume();
    this.ending ??= endShell(this.child, this.firstSignal);
  }

  /** For when this process itself is about to end. */
  kill(): void {
    if (!this.isOver) signalGroup(this.child, 'SIGKILL');
  }
}
