import { CancellationTokenSource, l10n, type SecretStorage, window } from 'vscode';
import type { CredentialRequest } from '../../core/host';
import { printable } from '../../core/printable';
import type { Redactor } from '../redaction';

const prefix = 'muster.secret.';
const indexKey = 'muster.secrets';
const gatherMs = 250;
const shownNames = 3;

/** A secret that was typed and has worked. */
interface Proved {
  request: CredentialRequest;
  secret: string;
}

/**
 * Answers requests for passwords and passphrases: from this session's memory, from SecretStorage, or from the user.
 * One question at a time; hosts that need the same secret share one answer. A refused secret is forgotten; one that was
 * typed and has worked stays in memory, and the user is asked where to keep it.
 */
export class CredentialPrompts {
  private readonly session = new Map<string, string>();
  private readonly asked = new Map<string, Promise<string | undefined>>();
  private readonly declined = new Set<string>();
  /** Whose secrets in `session` were typed, and have not worked yet. */
  private readonly unproved = new Set<string>();
  private proved: Proved[] = [];
  private inputs = 0;
  private indexChange: Promise<unknown> = Promise.resolve();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly storage: SecretStorage,
    private readonly redactor: Redactor,
  ) {}

  /** A new batch may ask again for what was declined. */
  batchBegan(): void {
    this.declined.clear();
  }

  /** @param mayAsk false when nobody is waiting: then only what is kept is given */
  async answer(request: CredentialRequest, signal: AbortSignal, mayAsk = true): Promise<string | undefined> {
    // One-time codes are never kept, and never shared.
    if (request.kind === 'answer' && !mayAsk) return undefined;
    if (request.kind === 'answer') return this.inTurn(() => this.prompt(request, signal));
    if (request.retry && !mayAsk) return undefined;
    if (request.retry) await this.drop(request.subject);
    // What nobody waits for does not repeat a mistake in typing until the account is locked.
    if (!mayAsk && this.unproved.has(request.subject)) return undefined;
    const kept = await this.kept(request.subject);
    if (kept !== undefined) return kept;
    if (!mayAsk || this.declined.has(request.subject)) return undefined;
    let asked = this.asked.get(request.subject);
    if (!asked) {
      asked = this.inTurn(() => this.promptForSession(request, signal)).finally(() =>
        this.asked.delete(request.subject),
      );
      this.asked.set(request.subject, asked);
    }
    return asked;
  }

  /**
   * The answer to this request has worked. Where it was typed for it, the user is asked whether to keep it: once the
   * typing is over, together with others, and without taking the focus.
   */
  accepted(request: CredentialRequest): void {
    const secret = this.session.get(request.subject);
    if (!this.unproved.delete(request.subject) || secret === undefined) return;
    this.proved.push({ request, secret });
    if (this.proved.length === 1) void this.offerToKeep();
  }

  /** Forgets everything that was typed or stored; resolves to the number of secrets. */
  async forgetAll(): Promise<number> {
    const subjects = new Set([...this.session.keys(), ...(await this.index())]);
    for (const subject of subjects) await this.drop(subject);
    return subjects.size;
  }

  private async kept(subject: string): Promise<string | undefined> {
    const secret = this.session.get(subject) ?? (await this.storage.get(prefix + subject));
    if (secret !== undefined) this.redactor.add(secret);
    return secret;
  }

  private async drop(subject: string): Promise<void> {
    this.session.delete(subject);
    this.unproved.delete(subject);
    await this.changeIndex(async (index) => {
      if (!index.includes(subject)) return index;
      await this.storage.delete(prefix + subject);
      return index.filter((other) => other !== subject);
    });
  }

  private async promptForSession(
    request: CredentialRequest,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const secret = await this.prompt(request, signal);
    if (secret === undefined) this.declined.add(request.subject);
    else {
      this.session.set(request.subject, secret);
      this.unproved.add(request.subject);
    }
    return secret;
  }

  private async offerToKeep(): Promise<void> {
    do {
      await this.turn.catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, gatherMs));
    } while (this.inputs > 0);
    const offered = this.proved.filter((one) => this.isCurrent(one));
    this.proved = [];
    if (offered.length === 0) return;
    const keep = l10n.t('Keep');
    const forget = l10n.t("Don't Keep");
    const choice = await window.showInformationMessage(
      questionAbout(offered.map(({ request }) => request)),
      keep,
      l10n.t('For This Session'),
      forget,
    );
    // The notification may stand for hours: what was refused or forgotten since stays so.
    const current = offered.filter((one) => this.isCurrent(one));
    if (choice === forget) for (const { request } of current) this.session.delete(request.subject);
    if (choice === keep) await this.store(current);
  }

  private isCurrent({ request, secret }: Proved): boolean {
    return this.session.get(request.subject) === secret;
  }

  private async store(secrets: readonly Proved[]): Promise<void> {
    try {
      await this.changeIndex(async (index) => {
        for (const { request, secret } of secrets) await this.storage.store(prefix + request.subject, secret);
        return [...new Set([...index, ...secrets.map(({ request }) => request.subject)])];
      });
    } catch (error) {
      void window.showWarningMessage(
        l10n.t(
          'The editor could not store it, so it is kept for this session only: {0}',
          printable(error instanceof Error ? error.message : String(error), 200),
        ),
      );
    }
  }

  private async prompt(request: CredentialRequest, signal: AbortSignal): Promise<string | undefined> {
    if (signal.aborted) return undefined;
    const cancel = new CancellationTokenSource();
    const abort = () => cancel.cancel();
    signal.addEventListener('abort', abort, { once: true });
    try {
      const secret = await window.showInputBox(
        {
          title: [
            request.retry ? l10n.t('Muster: refused, please try again') : 'Muster',
            ...(request.name === undefined ? [] : [printable(request.name, 100)]),
          ].join(' · '),
          prompt: printable(request.prompt, 200),
          password: !request.echo,
          ignoreFocusOut: true,
        },
        cancel.token,
      );
      if (secret !== undefined) this.redactor.add(secret);
      return secret;
    } finally {
      signal.removeEventListener('abort', abort);
      cancel.dispose();
    }
  }

  /** Runs after what was asked before, whatever became of that. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.inputs++;
    const turn = this.turn.then(work, work).finally(() => this.inputs--);
    this.turn = turn;
    return turn;
  }

  /** SecretStorage cannot list its keys, so their subjects are stored beside them. */
  private async index(): Promise<string[]> {
    const text = await this.storage.get(indexKey);
    return text === undefined ? [] : (JSON.parse(text) as string[]);
  }

  /** One change at a time, or one would undo another and leave a secret that cannot be forgotten. */
  private changeIndex(change: (subjects: string[]) => Promise<string[]>): Promise<void> {
    const changed = async () => {
      const before = await this.index();
      const after = await change(before);
      if (after === before) return;
      if (after.length > 0) await this.storage.store(indexKey, JSON.stringify(after));
      else await this.storage.delete(indexKey);
    };
    const done = this.indexChange.then(changed, changed);
    this.indexChange = done;
    return done;
  }
}

function questionAbout(requests: readonly CredentialRequest[]): string {
  const names = requests.slice(0, shownNames).map(ownerOf).join(', ');
  if (requests.length > shownNames) {
    const more = requests.length - shownNames;
    return l10n.t('Keep {0} passwords and passphrases, of {1} and {2} more?', requests.length, names, more);
  }
  if (requests.length > 1)
    return l10n.t('Keep {0} passwords and passphrases, of {1}?', requests.length, names);
  return requests[0]!.kind === 'passphrase'
    ? l10n.t('Keep the passphrase of {0}?', names)
    : l10n.t('Keep the password of {0}?', names);
}

/** e.g. `db-1 (ops@10.0.0.5)`, or the path of a key file */
function ownerOf({ name, subject }: CredentialRequest): string {
  const login = printable(subject.replace(/:22$/, ''), 120);
  return name === undefined ? login : `${printable(name, 100)} (${login})`;
}
