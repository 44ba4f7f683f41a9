import { CancellationTokenSource, l10n, type SecretStorage, window } from 'vscode';
import type { CredentialRequest } from '../../../platform/host/host';
import { printable } from '../../../platform/text/printable';
import {
  destinationLines,
  isSecretIdOf,
  readSecretId,
  secretId,
} from '../../../platform/host/secretDestination';
import { ownerOf, SecretQuestion } from './secretQuestion';
import type { Redactor } from '../../../platform/redaction/redactor';

const prefix = 'muster.secret.';
const indexKey = 'muster.secrets';
const gatherMs = 250;
const shownNames = 3;

/** A secret that was typed and has worked. */
interface Proved {
  request: CredentialRequest;
  secret: string;
}

/** A secret that is kept, but not for the server that wants it, or not by what the user trusts. */
interface Offer {
  secret: string;
  /** What it is kept under. */
  id: string;
  isStored: boolean;
}

/**
 * Answers requests for passwords and passphrases: from this session's memory, from SecretStorage, or from the user.
 * One question at a time; hosts that need the same secret share one answer. A refused secret is forgotten; one that was
 * typed and has worked stays in memory, and the user is asked where to keep it. What is kept is kept for one server, and
 * sent to another one, or to one that only a project vouches for, when the user says so.
 */
export class CredentialPrompts {
  /** By what they are kept under, as everything here. */
  private readonly session = new Map<string, string>();
  private readonly asked = new Map<string, Promise<string | undefined>>();
  private readonly declined = new Set<string>();
  /** Those that a server has refused, until another one is typed. */
  private readonly refusals = new Set<string>();
  /** Those in `session` that were typed, and have not worked yet. */
  private readonly unproved = new Set<string>();
  /** Those in `session` that the user allowed to be sent where they were not kept for, and where they were from. */
  private readonly allowed = new Map<string, Offer>();
  /** Those in `session` that the user gave for a server that only a project vouches for. */
  private readonly givenToProject = new Set<string>();
  private readonly toSend = new SecretQuestion();
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
    const id = secretId(request);
    const retry = request.retry || this.refusals.has(id);
    if (retry && !mayAsk) return undefined;
    if (retry) await this.dropRefused(request);
    // What nobody waits for does not repeat a mistake in typing until the account is locked.
    if (!mayAsk && this.unproved.has(id)) return undefined;
    const kept = await this.kept(request);
    if (kept !== undefined) return kept;
    if (!mayAsk || this.declined.has(id)) return undefined;
    let asked = this.asked.get(id);
    if (!asked) {
      asked = this.askFor({ ...request, retry }, signal).finally(() => this.asked.delete(id));
      this.asked.set(id, asked);
    }
    return asked;
  }

  /**
   * The answer to this request has worked. Where it was typed for it, the user is asked whether to keep it: once the
   * typing is over, together with others, and without taking the focus. One that was stored for another server, or by a
   * version that did not note for which, is stored for this one.
   */
  accepted(request: CredentialRequest): void {
    const id = secretId(request);
    const secret = this.session.get(id);
    if (!this.unproved.delete(id) || secret === undefined) return;
    const offer = this.allowed.get(id);
    if (offer && !offer.isStored) return;
    if (offer)
      return void this.store([{ request, secret }], readSecretId(offer.id).destination ? [] : [offer.id]);
    this.proved.push({ request, secret });
    if (this.proved.length === 1) void this.offerToKeep();
  }

  /** The answer to this request was refused: it is sent nowhere again, and is forgotten when the user is asked for another. */
  refused(request: CredentialRequest): void {
    this.refusals.add(secretId(request));
  }

  /** Forgets what was typed or stored for this request, so that it is asked for again. */
  async forget(request: CredentialRequest): Promise<void> {
    const id = secretId(request);
    this.declined.delete(id);
    await this.drop(id);
  }

  /** Forgets everything that was typed or stored, and what was declined; resolves to the number of secrets. */
  async forgetAll(): Promise<number> {
    const ids = new Set([...this.session.keys(), ...(await this.index())]);
    for (const id of ids) await this.drop(id);
    this.declined.clear();
    return ids.size;
  }

  /** What may be sent without asking. */
  private async kept(request: CredentialRequest): Promise<string | undefined> {
    const id = secretId(request);
    if (request.destination?.vouchedBy === 'project' && !this.givenToProject.has(id)) return undefined;
    const secret = this.session.get(id) ?? (await this.storage.get(prefix + id));
    if (secret !== undefined) this.redactor.add(secret);
    return secret;
  }

  /** What is kept for the same login, and was not kept for this server or cannot be known to go there: the last one. */
  private async offerFor(request: CredentialRequest): Promise<Offer | undefined> {
    if (request.destination === undefined || request.retry) return undefined;
    const id = secretId(request);
    const isSameLogin = (other: string) => isSecretIdOf(request.subject, other);
    const stored = (await this.index()).filter(isSameLogin).reverse();
    for (const one of [id, ...stored]) {
      const secret = await this.storage.get(prefix + one);
      if (secret !== undefined) return { secret, id: one, isStored: true };
    }
    const [inMemory] = [...this.session.keys()].filter(isSameLogin).reverse();
    return inMemory === undefined
      ? undefined
      : { secret: this.session.get(inMemory)!, id: inMemory, isStored: false };
  }

  /** A server that refuses what was kept for another one does not have it forgotten there. */
  private async dropRefused(request: CredentialRequest): Promise<void> {
    const id = secretId(request);
    const from = this.allowed.get(id)?.id;
    await this.drop(id);
    if (from !== undefined && readSecretId(from).destination === undefined) await this.drop(from);
  }

  private async drop(id: string): Promise<void> {
    this.session.delete(id);
    this.unproved.delete(id);
    this.refusals.delete(id);
    this.allowed.delete(id);
    this.givenToProject.delete(id);
    await this.changeIndex(async (index) => {
      if (!index.includes(id)) return index;
      await this.storage.delete(prefix + id);
      return index.filter((other) => other !== id);
    });
  }

  private async askFor(request: CredentialRequest, signal: AbortSignal): Promise<string | undefined> {
    const id = secretId(request);
    const offer = await this.offerFor(request);
    const answer = offer ? await this.toSend.answer({ request, keptUnder: offer.id }, signal) : 'type';
    const secret =
      answer === 'type' ? await this.inTurn(() => this.prompt(request, signal)) : answer && offer?.secret;
    if (secret === undefined) {
      this.declined.add(id);
      return undefined;
    }
    this.redactor.add(secret);
    this.session.set(id, secret);
    this.refusals.delete(id);
    this.unproved.add(id);
    if (request.destination?.vouchedBy === 'project') this.givenToProject.add(id);
    if (offer && answer === 'send') this.allowed.set(id, offer);
    else this.allowed.delete(id);
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
    if (choice === forget) for (const { request } of current) this.session.delete(secretId(request));
    if (choice === keep) await this.store(current);
  }

  private isCurrent({ request, secret }: Proved): boolean {
    return this.session.get(secretId(request)) === secret;
  }

  /** @param replaced ids that these take the place of */
  private async store(secrets: readonly Proved[], replaced: readonly string[] = []): Promise<void> {
    try {
      await this.changeIndex(async (index) => {
        const ids = secrets.map(({ request }) => secretId(request));
        for (const [position, { secret }] of secrets.entries())
          await this.storage.store(prefix + ids[position]!, secret);
        for (const id of replaced) await this.storage.delete(prefix + id);
        return [...new Set([...index, ...ids])].filter((id) => !replaced.includes(id));
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
            request.retry ? l10n.t('Muster: the server refused it, try again') : 'Muster',
            ...(request.name === undefined ? [] : [printable(request.name, 100)]),
          ].join(' · '),
          prompt: [printable(request.prompt, 200), ...wayOf(request)].join(' · '),
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

  /** SecretStorage cannot list its keys, so the ids of secrets are stored beside them. */
  private async index(): Promise<string[]> {
    const text = await this.storage.get(indexKey);
    return text === undefined ? [] : (JSON.parse(text) as string[]);
  }

  /** One change at a time, or one would undo another and leave a secret that cannot be forgotten. */
  private changeIndex(change: (ids: string[]) => Promise<string[]>): Promise<void> {
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

/** Where what is typed goes, if the login is not all there is to it. */
function wayOf({ destination }: CredentialRequest): string[] {
  if (!destination || (destination.vouchedBy === 'user' && destination.route.length === 0)) return [];
  return destinationLines(destination);
}
