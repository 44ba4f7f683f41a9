import { createPrivateKey } from 'node:crypto';
import { errorReport } from '../../../errors/errors';
import type { ConnectionSettings } from '../pool/hostConnections';
import type { Asker } from '../pool/sharedAttempt';
import type { Presented } from '../trust/hostVerifier';
import type { Answer, PresentedKey, Questions } from './sshContract';

type Answers = {
  [Name in keyof Questions]: (
    about: Parameters<Questions[Name]>[0],
    asker: Asker,
  ) => Promise<ReturnType<Questions[Name]>>;
};

/** Answers what one thread asks, as the pool answers itself: questions that several need answered are asked once. */
export class AnswersToThread {
  private readonly open = new Map<number, AbortController>();
  private readonly answers: Answers;

  constructor(
    { verifier, keyFiles, authority }: ConnectionSettings,
    private readonly send: (question: number, answer: Answer) => void,
  ) {
    const shown = async ({ target, key, jumpFor }: PresentedKey): Promise<Presented> => ({
      ...{ target, jumpFor, key: Buffer.from(key), trust: await verifier.trustFor(target) },
    });
    this.answers = {
      hostKey: async (presented, asker) => {
        const { whenProved, ...accepted } = await verifier.ask(await shown(presented), asker);
        return { ...accepted, isToBeRemembered: whenProved !== undefined };
      },
      remember: ({ target, key }) => verifier.remember(target, Buffer.from(key)),
      credential: (request, { signal }) => authority.credential(request, signal),
      unlock: async (path, asker) => {
        const key = await keyFiles.unlock(path, asker);
        return (
          key && {
            publicKey: new Uint8Array(key.getPublicSSH()),
            comment: key.comment,
            privateKey: createPrivateKey(key.getPrivatePEM()),
          }
        );
      },
    };
  }

  answer(question: number, name: keyof Questions, about: unknown): void {
    const withdrawn = new AbortController();
    this.open.set(question, withdrawn);
    // The clock of who asks stands still there.
    const asker: Asker = { signal: withdrawn.signal, paused: (ask) => ask() };
    void this.answers[name](about as never, asker)
      .then(
        (value) => this.send(question, { value }),
        (error: unknown) => this.send(question, { error: errorReport(error) }),
      )
      .finally(() => this.open.delete(question));
  }

  withdraw(question: number): void {
    this.open.get(question)?.abort();
  }

  withdrawAll(): void {
    for (const withdrawn of this.open.values()) withdrawn.abort();
  }
}
