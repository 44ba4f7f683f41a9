import type { AnyAuthMethod, AuthHandlerMiddleware, KeyboardInteractiveAuthMethod, Prompt } from 'ssh2';
import { MusterError } from '../../../errors/errors';
import type { Authority, CredentialRequest, SecretDestination } from '../../../host/host';
import { t } from '../../../l10n/l10n';
import { printable } from '../../../text/printable';
import { type Identity, identities } from './identities';
import type { KeyFiles } from './keyFiles';
import type { SharedAttempt } from '../pool/sharedAttempt';
import type { SshTarget } from '../pool/sshTarget';
import type { ServerAlgorithms } from './uncommonKeys';
import { adviceOn, isValid, optionsOf } from './userCertificate';

/** sshd's MaxAuthTries: it hangs up after as many failures. */
const maxTries = 6;
/** As OpenSSH's NumberOfPasswordPrompts. */
const maxPasswordPrompts = 3;
/** Prompts that one server may show during one login. */
const maxPrompts = 20;

/** Logs in to one server: keys first, then what a person can type, if the server accepts it. */
export class Authentication {
  readonly handler: AuthHandlerMiddleware;
  private readonly tried: string[] = [];
  private readonly leftOut: string[] = [];
  private readonly certificates: NonNullable<Identity['certificate']>[] = [];
  private accepted: readonly string[] | undefined;
  /** What would let a key be used that was left out. */
  private remedy: string | undefined;
  private declined = false;
  /** What this machine lacks for going on. */
  private lack: MusterError | undefined;
  private prompts = 0;
  /** What was answered for the method that is being tried. */
  private answered: CredentialRequest[] = [];
  /** What was answered for methods that the server accepted and wants another one after. */
  private proved: CredentialRequest[] = [];
  private finished = false;
  /** The certificate that is being tried. */
  private current: Identity['certificate'];

  constructor(
    private readonly target: SshTarget,
    /** The server, once it has proved which one it is. */
    private readonly server: () => SecretDestination | undefined,
    private readonly authority: Authority,
    private readonly keyFiles: KeyFiles,
    private readonly attempt: SharedAttempt<unknown>,
    /** What the server takes, once it has said so. */
    private readonly algorithms: () => ServerAlgorithms,
  ) {
    const methods = this.methods();
    this.handler = (accepted, partialSuccess, next) => {
      // ssh2 passes null before the first answer of the server.
      const told: readonly string[] | null = accepted;
      this.accepted = told ?? this.accepted;
      if (partialSuccess) this.proved.push(...this.answered);
      this.answered = [];
      const proceed = next as (method: AnyAuthMethod | false) => void;
      methods.next().then(
        ({ value }) => {
          this.finished = value === undefined;
          if (this.attempt.reason === undefined) proceed(value ?? false);
        },
        (error: unknown) => {
          this.finished = true;
          if (MusterError.is(error, 'LOCAL_LIMIT')) this.lack = error;
          this.leftOut.push(error instanceof Error ? error.message : String(error));
          if (this.attempt.reason === undefined) proceed(false);
        },
      );
    };
  }

  /** Whether all methods have been tried. */
  get exhausted(): boolean {
    return this.finished;
  }

  /** To be called when the user is logged in. */
  succeeded(): void {
    for (const request of [...this.proved, ...this.answered]) this.authority.accepted?.(request);
  }

  /** What the server runs in place of all commands, if the user was logged in with a certificate that says so. */
  get forcedCommand(): string | undefined {
    return this.current && optionsOf(this.current.content).get('force-command');
  }

  /** What was tried and why it did not do; never a secret. */
  failure(cause?: Error): MusterError {
    if (this.lack) return this.lack;
    const { user, address, port } = this.target;
    const tried =
      this.tried.length > 0 ? t('tried {0}', this.tried.join(', ')) : t('no key or password to try');
    const accepted = this.accepted
      ? t('; the server accepts {0}', this.accepted.join(', ') || t('nothing'))
      : '';
    const leftOut =
      this.leftOut.length > 0 ? t('; left out: {0}', [...new Set(this.leftOut)].join(', ')) : '';
    return new MusterError(
      'AUTH',
      t('login as {0} refused: {1}{2}{3}', user, tried, printable(accepted, 200), leftOut),
      {
        phase: 'auth',
        hint: this.hint(`${user}@${address}:${port}`),
        cause,
      },
    );
  }

  private hint(login: string): string {
    const { user } = this.target;
    const takesKeys = this.accepted?.includes('publickey') !== false;
    const certificate = this.certificates.find(({ content }) => !isValid(content)) ?? this.certificates[0];
    const advice = certificate && adviceOn(certificate.content, certificate.where, user);
    if (advice !== undefined && takesKeys && !isValid(certificate!.content)) return advice;
    if (this.remedy !== undefined) return this.remedy;
    if (this.tried.length === 0) return t('Name a key in ssh.identityFile, or load one into ssh-agent.');
    if (!takesKeys) {
      return t('{0} takes no keys, so somebody must be there to answer what it asks.', login);
    }
    if (advice !== undefined) return advice;
    return t('Check ssh.user, and that one of these keys is in authorized_keys of {0}.', login);
  }

  private accepts(method: string): boolean {
    return this.accepted === undefined || this.accepted.includes(method);
  }

  private async *methods(): AsyncGenerator<AnyAuthMethod, undefined, void> {
    const { user: username, identity } = this.target;
    const none: AnyAuthMethod = { type: 'none', username };
    let tries = 0;
    let last: AnyAuthMethod['type'] | undefined;
    const report = (reason: string, remedy?: string) => {
      this.leftOut.push(reason);
      this.remedy ??= remedy;
    };
    for await (const key of identities(identity, this.keyFiles, this.attempt, report, this.algorithms())) {
      const next = key.method(username);
      // Of the answer to an agent's key ssh2 does not say what the server accepts.
      if (this.accepted === undefined && next.type === 'agent') yield none;
      if (!this.accepts('publickey') || tries >= maxTries) break;
      tries++;
      last = next.type;
      this.tried.push(key.label);
      this.current = key.certificate;
      if (key.certificate) this.certificates.push(key.certificate);
      yield next;
    }
    this.current = undefined;
    const mayType = ['keyboard-interactive', 'password'].some((method) => this.accepts(method));
    if (this.accepted === undefined || (last === 'agent' && !mayType)) yield none;
    for (const method of ['keyboard-interactive', 'password'] as const) {
      for (let round = 0; round < maxPasswordPrompts && tries < maxTries && !this.declined; round++) {
        if (!this.accepts(method)) break;
        const next =
          method === 'password' ? await this.password(round > 0) : this.keyboardInteractive(round > 0);
        if (!next) break;
        if (round === 0) this.tried.push(method);
        tries++;
        yield next;
      }
    }
    return undefined;
  }

  private async password(retry: boolean): Promise<AnyAuthMethod | undefined> {
    const { user: username } = this.target;
    const password = await this.ask('password', t('Password for {0}', this.login), false, retry);
    return password === undefined ? undefined : { type: 'password', username, password };
  }

  private keyboardInteractive(retry: boolean): AnyAuthMethod {
    const { user: username } = this.target;
    const prompt: KeyboardInteractiveAuthMethod['prompt'] = (name, instructions, _lang, prompts, finish) => {
      void this.answers([name, instructions], prompts, retry).then(finish);
    };
    return { type: 'keyboard-interactive', username, prompt };
  }

  private async answers(
    titles: readonly string[],
    prompts: readonly Prompt[],
    retry: boolean,
  ): Promise<string[]> {
    const answers: string[] = [];
    for (const { prompt, echo = false } of prompts) {
      const text = printable([this.login, ...titles, prompt].filter(Boolean).join(': '), 300);
      const kind = !echo && /passw/i.test(prompt) ? 'password' : 'answer';
      const answer = this.declined ? undefined : await this.ask(kind, text, echo, retry, prompt);
      if (answer === undefined) return [];
      answers.push(answer);
    }
    return answers;
  }

  private async ask(
    kind: 'password' | 'answer',
    prompt: string,
    echo: boolean,
    retry: boolean,
    question = '',
  ): Promise<string | undefined> {
    const subject = kind === 'password' ? this.login : `${this.login} ${printable(question)}`;
    const destination = this.server();
    // Nothing is sent to a server that has not proved which one it is.
    if (!destination) return undefined;
    const request = { kind, subject, name: this.target.name, destination, prompt, echo, retry };
    const answer =
      ++this.prompts > maxPrompts
        ? undefined
        : await this.attempt.paused(() => this.authority.credential(request, this.attempt.signal));
    if (answer === undefined) this.declined = true;
    else this.answered.push(request);
    return answer;
  }

  private get login(): string {
    const { user, address, port } = this.target;
    return `${user}@${address}:${port}`;
  }
}
