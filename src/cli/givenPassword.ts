import { createReadStream } from 'node:fs';
import { cancelledBy } from '../core/deadline';
import type { Authority } from '../core/host';
import { printable } from '../core/printable';
import type { Cli } from './cli';
import { UsageError } from './exitStatus';
import { t } from './l10n';

/** Where a program says the password of a cluster; never among the arguments, which every user of the machine sees. */
export interface PasswordOptions {
  passwordEnv?: string;
  passwordFd?: string;
}

const maxBytes = 4096;

/** The password from where the options say, undefined if they say nothing. @throws UsageError, MusterError CANCELLED */
export async function givenPassword(
  { passwordEnv, passwordFd }: PasswordOptions,
  cli: Cli,
): Promise<string | undefined> {
  if (passwordFd !== undefined) return readDescriptor(passwordFd, cli);
  if (passwordEnv === undefined) return undefined;
  const password = cli.env[passwordEnv];
  if (password) return password;
  throw new UsageError(t('--password-env: the variable {0} is not set', printable(passwordEnv)));
}

/** The first line of what can be read from it. */
async function readDescriptor(text: string, { interruption: { signal } }: Cli): Promise<string> {
  const fail = (why: string) => new UsageError(`--password-fd: ${why}`);
  if (!/^\d{1,4}$/.test(text)) throw fail(t('"{0}" is not the number of a descriptor', printable(text)));
  let bytes = Buffer.alloc(0);
  try {
    // Without `start` it is read where it stands, as pipes must be.
    const stream = createReadStream('', { fd: Number(text), signal });
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.includes('\n') || bytes.length > maxBytes) break;
    }
  } catch (error) {
    if (signal.aborted) throw cancelledBy(signal);
    throw fail((error as Error).message);
  }
  const [line = ''] = bytes.toString().split(/\r?\n/, 1);
  if (line === '' || bytes.length > maxBytes) throw fail(t('no password of 1 to {0} bytes came', maxBytes));
  return line;
}

/** Gives `password` to the first cluster that wants one, and to no other; the terminal answers everything else. */
export function withPassword(authority: Authority, password: string | undefined): Authority {
  if (password === undefined) return authority;
  let owner: string | undefined;
  return {
    unknownHostKey: (key, signal) => authority.unknownHostKey(key, signal),
    credential: (request, signal) => {
      const { subject, retry } = request;
      if (!subject.startsWith('etcd ') || (owner ??= subject) !== subject)
        return authority.credential(request, signal);
      return Promise.resolve(retry ? undefined : password);
    },
  };
}
