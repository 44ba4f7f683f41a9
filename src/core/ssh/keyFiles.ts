import { readFile, stat } from 'node:fs/promises';
import { type ParsedKey, utils } from 'ssh2';
import type { Authority } from '../host';
import { parseEncryptedOpenSshKey } from './openSshKey';
import type { SharedAttempt } from './sharedAttempt';
import { SharedQuestions } from './sharedQuestions';

/** What is in an identity file. */
export type KeyFile =
  | { kind: 'private'; key: ParsedKey }
  /** `publicKey` is known if the file or one with `.pub` beside it tells. */
  | { kind: 'encrypted'; publicKey: ParsedKey | undefined }
  | { kind: 'public'; publicKey: ParsedKey }
  | { kind: 'unusable'; reason: string; absent: boolean };

const maxPassphraseTries = 3;

/** Reads identity files, each once until it changes, and keeps those that were unlocked. */
export class KeyFiles {
  private readonly cache = new Map<string, { version: string; file: Promise<KeyFile> }>();
  private readonly unlocked = new Map<string, { version: string; key: ParsedKey }>();
  private readonly questions = new SharedQuestions<ParsedKey | undefined>();

  constructor(private readonly authority: Authority) {}

  async read(path: string): Promise<KeyFile> {
    try {
      const version = await versionOf(path);
      const unlocked = this.unlocked.get(path);
      if (unlocked?.version === version) return { kind: 'private', key: unlocked.key };
      let cached = this.cache.get(path);
      if (cached?.version !== version) {
        cached = { version, file: parseKeyFile(path) };
        this.cache.set(path, cached);
      }
      return await cached.file;
    } catch (error) {
      this.cache.delete(path);
      const { code, message } = error as NodeJS.ErrnoException;
      const absent = code === 'ENOENT' || code === 'ENOTDIR';
      return { kind: 'unusable', absent, reason: absent ? 'there is no such file' : message };
    }
  }

  /** Asks for the passphrase; undefined when the user declines, or has given wrong ones only. */
  unlock(path: string, attempt: SharedAttempt<unknown>): Promise<ParsedKey | undefined> {
    return attempt.paused(() =>
      this.questions.ask(path, attempt.signal, (signal) => this.askToUnlock(path, signal)),
    );
  }

  private async askToUnlock(path: string, signal: AbortSignal): Promise<ParsedKey | undefined> {
    const version = await versionOf(path);
    const unlocked = this.unlocked.get(path);
    if (unlocked?.version === version) return unlocked.key;
    const text = await readFile(path, 'utf8');
    for (let tries = 0; tries < maxPassphraseTries; tries++) {
      const passphrase = await this.authority.credential(
        {
          kind: 'passphrase',
          subject: path,
          prompt: `Passphrase for ${path}`,
          echo: false,
          retry: tries > 0,
        },
        signal,
      );
      if (passphrase === undefined || signal.aborted) return undefined;
      const key = await decrypt(text, passphrase);
      if (key) {
        this.unlocked.set(path, { version, key });
        return key;
      }
    }
    return undefined;
  }
}

async function versionOf(path: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(path);
  return `${mtimeMs}:${size}:${ino}`;
}

async function parseKeyFile(path: string): Promise<KeyFile> {
  const text = await readFile(path, 'utf8');
  const key = utils.parseKey(text);
  if (!(key instanceof Error)) {
    return key.isPrivateKey() ? { kind: 'private', key } : { kind: 'public', publicKey: key };
  }
  if (!/encrypted/i.test(key.message)) return { kind: 'unusable', absent: false, reason: key.message };
  return { kind: 'encrypted', publicKey: await publicKeyOf(path, text) };
}

async function publicKeyOf(path: string, text: string): Promise<ParsedKey | undefined> {
  const inside = parseEncryptedOpenSshKey(text)?.publicKey;
  const key = utils.parseKey(inside ?? (await readFile(`${path}.pub`, 'utf8').catch(() => '')));
  return key instanceof Error ? undefined : key;
}

async function decrypt(text: string, passphrase: string): Promise<ParsedKey | undefined> {
  const encrypted = parseEncryptedOpenSshKey(text);
  const key = encrypted
    ? utils.parseKey((await encrypted.decrypt(passphrase)) ?? '')
    : utils.parseKey(text, passphrase);
  return key instanceof Error || !key.isPrivateKey() ? undefined : key;
}
