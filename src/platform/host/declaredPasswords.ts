import { createHmac, randomBytes } from 'node:crypto';
import { orCancelled } from '../batch/deadline';
import type { Authority, CredentialRequest } from './host';
import { secretId } from './secretDestination';
import { SharedQuestions } from './sharedQuestions';

/** Milliseconds for which a host that has refused a password is not sent it again: many lock accounts for as long. */
const refusalMs = 600_000;

/** What became of a password that was sent: it was right, it was wrong, or that is not known. */
export type Fate = 'accepted' | 'refused' | 'unknown';

export interface LentPassword {
  readonly password: string;
  /** To be called once, as soon as it is known. */
  settle(fate: Fate): void;
}

export interface PasswordWanted {
  /** Its subject says of which declaration it is. */
  request: CredentialRequest;
  /** The host that is sent it. */
  host: string;
  signal: AbortSignal;
  /** What to throw where nobody gives one, and where the host has refused it before. */
  missing: () => Error;
  refusedBefore: () => Error;
}

interface Answer {
  readonly password: string;
}

/** The password of one declaration. */
interface Declared {
  /** What was answered last, until it is known whether it is right, by what it is kept under. */
  readonly answers: Map<string, Answer>;
  /** The one that a host has accepted, as a digest. */
  proved?: string | undefined;
  /** The last one, as a digest, where it was refused before any host had accepted it. */
  refused?: string | undefined;
  /** Resolves when the host that tries it out has ended. */
  turn: Promise<void>;
  /** Hosts that refused one, by its digest, and when. */
  readonly refusedBy: Map<string, number>;
}

/**
 * Passwords that many hosts take, one of each declaration of the inventory. One that has not worked yet is sent to
 * one host at a time, so that a wrong one costs one attempt and not one on each of the hosts; once refused it is asked
 * for again.
 */
export class DeclaredPasswords {
  private readonly declared = new Map<string, Declared>();
  private readonly questions = new SharedQuestions<Answer | undefined>();
  private readonly key = randomBytes(32);

  constructor(private readonly authority: Authority) {}

  /** @throws MusterError CANCELLED, and what `wanted` says */
  async lend(wanted: PasswordWanted): Promise<LentPassword> {
    const { request, host, signal } = wanted;
    const declared = this.of(request.subject);
    for (;;) {
      const answer = await this.answer(declared, request, signal);
      if (!answer) throw wanted.missing();
      const digest = this.digest(answer.password);
      this.refuseAgain(declared, digest, wanted);
      const lent = (left: () => void): LentPassword => ({
        password: answer.password,
        settle: (fate) => {
          this.settle(declared, answer, fate, request, `${host} ${digest}`);
          left();
        },
      });
      if (declared.proved === digest) return lent(() => {});
      const leave = await enter(declared, signal);
      // Another host may have proved or refused it meanwhile.
      if (declared.answers.get(secretId(request)) === answer) return lent(leave);
      leave();
      if (declared.proved === digest) return lent(() => {});
    }
  }

  private async answer(
    declared: Declared,
    request: CredentialRequest,
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    const id = secretId(request);
    const answered = declared.answers.get(id);
    if (answered) return answered;
    return this.questions.ask(id, signal, async (withdrawn) => {
      const ask = (retry: boolean) => this.authority.credential({ ...request, retry }, withdrawn);
      const isAgain = declared.refused !== undefined;
      let password = await ask(isAgain);
      // It was refused while this question was open: whoever is asked again may insist on it.
      if (!isAgain && password !== undefined && this.digest(password) === declared.refused)
        password = await ask(true);
      if (password === undefined) return undefined;
      const answer = { password };
      // Whoever comes while it is tried out gets the same one, and asks no second question.
      if (declared.proved !== this.digest(password)) declared.answers.set(id, answer);
      return answer;
    });
  }

  private settle(
    declared: Declared,
    answer: Answer,
    fate: Fate,
    request: CredentialRequest,
    refusal: string,
  ): void {
    if (fate === 'unknown') return;
    const digest = this.digest(answer.password);
    for (const [id, { password }] of declared.answers)
      if (password === answer.password) declared.answers.delete(id);
    if (fate === 'accepted') {
      declared.refused = undefined;
      declared.refusedBy.delete(refusal);
      if (declared.proved === digest) return;
      declared.proved = digest;
      this.authority.accepted?.(request);
      return;
    }
    declared.refusedBy.set(refusal, performance.now());
    // What other hosts have accepted is right: this one has another, or lets nobody in.
    if (declared.proved === digest) return;
    declared.refused = digest;
    this.authority.refused?.(request);
  }

  /** Not sent again to a host that has refused it a moment ago, unless a person who can be asked waits for it. */
  private refuseAgain(
    { refusedBy }: Declared,
    digest: string,
    { host, refusedBefore }: PasswordWanted,
  ): void {
    const at = refusedBy.get(`${host} ${digest}`);
    if (at === undefined || performance.now() - at > refusalMs || this.authority.isAttended?.()) return;
    throw refusedBefore();
  }

  private of(subject: string): Declared {
    let declared = this.declared.get(subject);
    if (!declared) {
      declared = { answers: new Map(), turn: Promise.resolve(), refusedBy: new Map() };
      this.declared.set(subject, declared);
    }
    return declared;
  }

  private digest(password: string): string {
    return createHmac('sha256', this.key).update(password).digest('base64');
  }
}

/** Waits for the host that tries the password out; what is returned lets the next one. @throws MusterError CANCELLED */
async function enter(declared: Declared, signal: AbortSignal): Promise<() => void> {
  const before = declared.turn;
  let leave = () => {};
  declared.turn = new Promise((resolve) => (leave = resolve));
  try {
    await orCancelled(signal, () => before);
  } catch (error) {
    void before.then(leave);
    throw error;
  }
  return leave;
}
