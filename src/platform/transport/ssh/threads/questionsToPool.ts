import { type ParsedKey, utils } from 'ssh2';
import { cancelledBy } from '../../../batch/deadline';
import { errorFrom } from '../../../errors/errors';
import type { Authority, CredentialRequest, Logger } from '../../../host/host';
import type { Notices } from '../../../threads/threadContract';
import { type EncryptedKeyFile, KeyFiles, signingWith } from '../auth/keyFiles';
import type { Asker } from '../pool/sharedAttempt';
import { type AcceptedKey, HostVerifier, type Presented } from '../trust/hostVerifier';
import type { KnownHostsStore } from '../trust/knownHostsStore';
import type { Answer, Questions, SshContract } from './sshContract';

type Waiting = { resolve: (value: never) => void; reject: (error: Error) => void };

/** Has the pool decide what only a person or one of its files can. */
export class QuestionsToPool {
  readonly authority: Authority;
  private readonly open = new Map<number, Waiting>();
  private last = 0;

  constructor(private readonly tells: Notices<SshContract['news']>) {
    this.authority = {
      // Keys of servers are asked about by AskingVerifier.
      unknownHostKey: () => Promise.resolve('reject'),
      credential: (request, signal) => this.ask('credential', request, signal),
      accepted: (request: CredentialRequest) => tells.accepted(request),
    };
  }

  /** @throws MusterError what the pool throws, or whatever `signal` was aborted with */
  ask<Name extends keyof Questions>(
    name: Name,
    about: Parameters<Questions[Name]>[0],
    signal?: AbortSignal,
  ): Promise<ReturnType<Questions[Name]>> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(cancelledBy(signal));
      const question = ++this.last;
      const withdraw = () => {
        this.open.delete(question);
        this.tells.withdraw(question);
        reject(cancelledBy(signal));
      };
      const leave = () => signal?.removeEventListener('abort', withdraw);
      this.open.set(question, {
        resolve: (value) => (leave(), resolve(value)),
        reject: (error) => (leave(), reject(error)),
      });
      signal?.addEventListener('abort', withdraw, { once: true });
      this.tells.ask(question, name, about);
    });
  }

  answered(question: number, answer: Answer): void {
    const waiting = this.open.get(question);
    this.open.delete(question);
    if ('error' in answer) waiting?.reject(errorFrom(answer.error));
    else waiting?.resolve(answer.value as never);
  }
}

/** Knows the keys in known_hosts files by itself; of all others the pool decides, which alone writes these files. */
export class AskingVerifier extends HostVerifier {
  constructor(
    private readonly pool: QuestionsToPool,
    store: KnownHostsStore,
    authority: Authority,
    logger: Logger,
    inventory: () => string | undefined,
  ) {
    super(store, authority, logger, inventory);
  }

  override async ask(presented: Presented, asker: Asker): Promise<AcceptedKey> {
    const { target, key, jumpFor } = presented;
    // The clock stands still while the pool is asked: what a file says by now costs it no time.
    const known = this.accepted({ ...presented, trust: await this.trustFor(target) });
    if (known) return known;
    const about = { target, key, jumpFor };
    const { isToBeRemembered, ...accepted } = await asker.paused(() =>
      this.pool.ask('hostKey', about, asker.signal),
    );
    return {
      ...accepted,
      ...(isToBeRemembered && { whenProved: () => this.pool.ask('remember', about) }),
    };
  }
}

/** Reads identity files by itself; the pool unlocks those that are encrypted, once for all threads. */
export class AskingKeyFiles extends KeyFiles {
  constructor(private readonly pool: QuestionsToPool) {
    super(pool.authority);
  }

  protected override async askToUnlock(
    path: string,
    _file: EncryptedKeyFile,
    signal: AbortSignal,
  ): Promise<ParsedKey | undefined> {
    const unlocked = await this.pool.ask('unlock', path, signal);
    if (!unlocked) return undefined;
    const key = utils.parseKey(Buffer.from(unlocked.publicKey));
    if (key instanceof Error) throw key;
    return Object.assign(signingWith(unlocked.privateKey, key), {
      comment: unlocked.comment,
      isPrivateKey: () => true,
    });
  }
}
