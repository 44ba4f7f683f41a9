import { MusterError, toMusterError } from '../../errors/errors';
import type { SecretDestination } from '../../host/host';
import type { Host } from '../../inventory/model';
import { t } from '../../l10n/l10n';
import type { ExecOptions, HostChannel, HostTransport } from '../hostTransport';
import { becomeCommand, type Becoming, becomingOf, newMarks } from './becomeCommand';
import { becomeError, isPasswordRefused, passwordRefused, spoken } from './becomeError';
import type { LentPassword } from '../../host/declaredPasswords';
import type { BecomePasswords } from './becomePasswords';
import { Preface } from './preface';

export interface BecomeContext {
  readonly transport: Pick<HostTransport, 'exec' | 'destinationThrough'>;
  readonly passwords: BecomePasswords;
  /** Milliseconds of silence after which an unfinished line is a question that is not ours to answer. */
  readonly quietMs: number;
}

/**
 * Starts `command` as another user; resolves when it has begun as that user, from when on its streams are its own.
 * @throws MusterError BECOME_REFUSED when it has not begun, and what `exec` throws
 */
export async function becomeExec(
  host: Host,
  command: string | undefined,
  { become, ...options }: ExecOptions,
  context: BecomeContext,
): Promise<HostChannel> {
  const becoming = becomingOf(host, become);
  const marks = newMarks(becoming.method);
  const channel = await context.transport.exec(host, becomeCommand(command, becoming, marks), options);
  try {
    await new Beginning(host, becoming, channel, new Preface(marks), options, context).begun();
    return channel;
  } catch (error) {
    channel.close();
    // It did not begin: it may be sent once more.
    if (MusterError.is(error, 'BECOME_REFUSED')) options.onSent?.(false);
    throw toMusterError(options.deadline.reason ?? error, { host: host.name, phase: 'become' });
  }
}

/** From the start of the program that asks for the password to the beginning of the command, or to why it does not begin. */
class Beginning {
  private readonly ended = new AbortController();
  private lent: LentPassword | undefined;
  private wasAsked = false;
  /** Whether it has begun, or is known not to begin. */
  private isOver = false;
  private quiet: NodeJS.Timeout | undefined;
  private settle: (error?: MusterError) => void = () => {};

  constructor(
    private readonly host: Host,
    private readonly becoming: Becoming,
    private readonly channel: HostChannel,
    private readonly preface: Preface,
    private readonly options: ExecOptions,
    private readonly context: BecomeContext,
  ) {}

  async begun(): Promise<void> {
    const { stderr, stdout, stdin, exit } = this.channel;
    // The program may end while the password is under way: `exit` tells.
    stdin.on('error', () => {});
    const settled = new Promise<void>((resolve, reject) => {
      this.settle = (error) => {
        if (this.isOver) return;
        this.isOver = true;
        // At once: what is read after its beginning is the command's own.
        stderr.off('readable', this.read).off('end', drain);
        if (error) return reject(error);
        const { spoken: rest } = this.preface;
        if (rest.length > 0) stderr.unshift(rest);
        resolve();
      };
    });
    // Unread output would hold back the end of what did not begin.
    const drain = () => stdout.resume();
    stderr.on('readable', this.read).on('end', drain);
    exit.then(
      ({ exitCode }) => this.endedWith(exitCode),
      (error: unknown) => this.settle(toMusterError(error)),
    );
    try {
      await settled;
      this.lent?.settle('accepted');
      if (this.lent) this.channel.secret = this.lent.password;
    } catch (error) {
      stderr.resume();
      stdout.resume();
      this.lent?.settle('unknown');
      throw error;
    } finally {
      clearTimeout(this.quiet);
      this.ended.abort();
    }
  }

  private readonly read = (): void => {
    let chunk: Buffer | null;
    while ((chunk = this.channel.stderr.read() as Buffer | null) !== null) {
      for (let event = this.preface.take(chunk); event !== undefined; event = this.preface.take()) {
        if (event === 'asked') this.asked();
        else return this.settle(event === 'flooded' ? this.flooded() : undefined);
      }
    }
    this.listenForQuestions();
  };

  private asked(): void {
    const { host, becoming } = this;
    if (!becoming.mayAsk)
      return this.settle(
        becomeError(host.name, becoming, `${becoming.method}: a password is required`, null),
      );
    // The password was wrong; another attempt with it would only lock the account.
    if (this.wasAsked) return this.refused();
    this.wasAsked = true;
    this.answer().catch((error: unknown) => this.settle(toMusterError(error)));
  }

  private async answer(): Promise<void> {
    const { host, becoming, options, channel } = this;
    const { deadline } = options;
    const signal = AbortSignal.any([deadline.signal, this.ended.signal]);
    const resume = deadline.pause();
    try {
      const destination: SecretDestination = await this.context.transport.destinationThrough(host, options);
      const lent = await this.context.passwords.lend({ host, becoming, destination, signal });
      if (this.isOver) return lent.settle('unknown');
      this.lent = lent;
      channel.stdin.write(`${lent.password}\n`);
      this.listenForQuestions();
    } finally {
      resume();
    }
  }

  private refused(): void {
    this.lent?.settle('refused');
    this.lent = undefined;
    this.settle(passwordRefused(this.host.name, this.becoming));
  }

  private endedWith(exitCode: number | null): void {
    const { host, becoming, preface, lent } = this;
    if (this.isOver) return;
    if (lent && isPasswordRefused(preface.said)) return this.refused();
    this.settle(becomeError(host.name, becoming, preface.said, exitCode, lent?.password));
  }

  private flooded(): MusterError {
    const message = t('{0} wrote more than 64 KiB and did not begin the command', this.becoming.method);
    return new MusterError('BECOME_REFUSED', message, { host: this.host.name, phase: 'become' });
  }

  /** PAM may ask for more than the password, such as a code, in words of its own. */
  private listenForQuestions(): void {
    clearTimeout(this.quiet);
    // While a person is asked, silence means nothing.
    if (this.isOver || (this.wasAsked && !this.lent)) return;
    if (!this.preface.isAsking) return;
    this.quiet = setTimeout(() => {
      const words = spoken(this.preface.said, this.lent?.password);
      this.settle(
        new MusterError(
          'BECOME_REFUSED',
          t('{0} asks “{1}”, which is not the question for the password', this.becoming.method, words),
          {
            ...{ host: this.host.name, phase: 'become' },
            hint: t(
              'Muster answers one question for a password. Have PAM on the host ask for no more than that.',
            ),
          },
        ),
      );
    }, this.context.quietMs);
  }
}
