import { CancellationTokenSource, l10n, type SecretStorage, window } from 'vscode';
import type { CredentialRequest } from '../../core/host';
import { printable } from '../../core/printable';
import type { Redactor } from '../redaction';

const prefix = 'muster.secret.';
const indexKey = 'muster.secrets';

/**
 * Answers requests for passwords and passphrases: from this session's memory, from SecretStorage, or from the user.
 * One question at a time; hosts that need the same secret share one answer. A refused secret is forgotten.
 */
export class CredentialPrompts {
  private readonly session = new Map<string, string>();
  private readonly asked = new Map<string, Promise<string | undefined>>();
  private readonly declined = new Set<string>();
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
    const kept = await this.kept(request.subject);
    if (kept !== undefined) return kept;
    if (!mayAsk || this.declined.has(request.subject)) return undefined;
    let asked = this.asked.get(request.subject);
    if (!asked) {
      asked = this.inTurn(() => this.promptAndKeep(request, signal)).finally(() =>
        this.asked.delete(request.subject),
      );
      this.asked.set(request.subject, asked);
    }
    return asked;
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
    const index = await this.index();
    if (!index.includes(subject)) return;
    await this.storage.delete(prefix + subject);
    await this.storeIndex(index.filter((other) => other !== subject));
  }

  private async promptAndKeep(request: CredentialRequest, signal: AbortSignal): Promise<string | undefined> {
    const secret = await this.prompt(request, signal);
    if (secret === undefined) {
      this.declined.add(request.subject);
      return undefined;
    }
    this.session.set(request.subject, secret);
    if (await wantsStorage(request)) {
      await this.storage.store(prefix + request.subject, secret);
      await this.storeIndex([...new Set([...(await this.index()), request.subject])]);
    }
    return secret;
  }

  private async prompt(request: CredentialRequest, signal: AbortSignal): Promise<string | undefined> {
    if (signal.aborted) return undefined;
    const cancel = new CancellationTokenSource();
    const abort = () => cancel.cancel();
    signal.addEventListener('abort', abort, { once: true });
    try {
      const secret = await window.showInputBox(
        {
          title: request.retry ? l10n.t('Muster: refused, please try again') : 'Muster',
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
    const turn = this.turn.then(work, work);
    this.turn = turn;
    return turn;
  }

  /** SecretStorage cannot list its keys, so their subjects are stored beside them. */
  private async index(): Promise<string[]> {
    const text = await this.storage.get(indexKey);
    return text === undefined ? [] : (JSON.parse(text) as string[]);
  }

  private async storeIndex(subjects: readonly string[]): Promise<void> {
    if (subjects.length > 0) await this.storage.store(indexKey, JSON.stringify(subjects));
    else await this.storage.delete(indexKey);
  }
}

async function wantsStorage({ subject }: CredentialRequest): Promise<boolean> {
  const session = {
    label: l10n.t('Keep for this session'),
    description: l10n.t('in memory, until the window closes'),
  };
  const storage = {
    label: l10n.t('Keep in the secret storage'),
    description: l10n.t('encrypted by the editor; “Muster: Forget Stored Secrets” removes it'),
  };
  const choice = await window.showQuickPick([session, storage], {
    title: printable(subject),
    ignoreFocusOut: true,
  });
  return choice === storage;
}
