import { MusterError } from '../../../platform/errors/errors';
import { exitStatus } from '../exitStatus';

const signals = {
  SIGINT: exitStatus.interrupted,
  SIGTERM: exitStatus.terminated,
  SIGHUP: exitStatus.hangup,
} as const;
type SignalName = keyof typeof signals;
const names = Object.keys(signals) as SignalName[];

/** Milliseconds that a command which has ended may hold the process up by what it left behind. */
const lingerMs = 500;

/** What stops a command before its end: the first signal cancels, a second one quits at once. */
export class Interruption {
  /** How to exit if there was one. */
  exitStatus: number | undefined;
  private readonly controller = new AbortController();
  private finishing: AbortController | undefined;
  /** What a hangup does to a service. */
  private reload: (() => void) | undefined;
  private cause: SignalName | undefined;
  private readonly listen = (name: SignalName) => this.onSignal(name);

  constructor() {
    for (const name of names) process.on(name, this.listen);
  }

  /** Aborts with a CANCELLED MusterError. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** From now on the first Ctrl-C aborts this, for what can end early and keep what it has; the next one cancels. */
  finishFirst(): AbortSignal {
    this.finishing = new AbortController();
    return this.finishing.signal;
  }

  /** For a service: the first Ctrl-C or SIGTERM aborts this, the next one quits, and a hangup reads its files again. */
  asService(reload: () => void): AbortSignal {
    this.reload = reload;
    return this.finishFirst();
  }

  /** As the signal does when the terminal does not send it, such as while a password is typed. */
  readonly onSignal = (name: SignalName): void => {
    if (this.reload && name === 'SIGHUP') return this.reload();
    const endsService = this.reload && name === 'SIGTERM';
    if ((name === 'SIGINT' || endsService) && this.finishing?.signal.aborted === false)
      return this.finishing.abort();
    // The terminal has gone or the user is in a hurry: what is pending in the output is lost.
    if (this.exitStatus !== undefined || this.reload) this.quit(name);
    this.cause ??= name;
    this.stop(signals[name], `interrupted by ${name}`);
  };

  stop(status: number, why: string): void {
    this.exitStatus ??= status;
    this.controller.abort(new MusterError('CANCELLED', why));
  }

  /** The command has ended: where a signal ended it, nothing that hangs holds the process up. */
  ended(): void {
    const { cause } = this;
    if (cause === undefined) return;
    const timer = setInterval(() => {
      // What is still in the output must reach its reader.
      if (process.stdout.writableLength + process.stderr.writableLength === 0) this.quit(cause);
    }, lingerMs);
    timer.unref();
  }

  /** From now on a signal ends the process as usual. */
  dispose(): void {
    for (const name of names) process.off(name, this.listen);
  }

  /** exit() waits for the threads that work on files, of which one may hang for ever; the signal itself does not. */
  private quit(name: SignalName): void {
    this.dispose();
    const hangs = process
      .getActiveResourcesInfo()
      .some((work) => /^(FSReq|GetAddrInfo|GetNameInfo)/.test(work));
    if (hangs && process.platform !== 'win32') process.kill(process.pid, name);
    else process.exit(signals[name]);
  }
}
