import { MusterError } from '../../../platform/errors/errors';
import type { Authority } from '../../../platform/host/host';
import { printable } from '../../../platform/text/printable';
import type { Cli } from '../cli';
import { UsageError } from '../exitStatus';
import { t } from '../l10n';
import { readPasswordFile } from './passwordFile';

/** Where passwords and tokens of sources of metrics are, each as `NAME=FILE`. */
export interface SourcePasswordOptions {
  sourcePasswordFile?: string[];
}

const option = '--source-password-file';

/** The passwords by the names of their sources. @throws UsageError, MusterError CANCELLED */
export async function readSourcePasswords(
  { sourcePasswordFile: given = [] }: SourcePasswordOptions,
  cli: Cli,
): Promise<Map<string, string>> {
  const passwords = new Map<string, string>();
  for (const one of given) {
    const [, name, file] = /^([^=]+)=(.+)$/s.exec(one) ?? [];
    if (name === undefined || file === undefined)
      throw new UsageError(t('{0}: “{1}” is not NAME=FILE', option, printable(one)));
    passwords.set(name, await readPasswordFile(file, option, cli));
  }
  return passwords;
}

/** Gives them to the sources that want one, each once until it is another; `person` answers everything else. */
export function withSourcePasswords(
  person: Authority,
  passwords: () => ReadonlyMap<string, string>,
): Authority {
  const refused = new Map<string, string>();
  return {
    ...person,
    credential: (request, signal) => {
      const { name = '', subject, retry } = request;
      const password = subject.startsWith('metrics') ? passwords().get(name) : undefined;
      if (password === undefined) return person.credential(request, signal);
      if (!retry || refused.get(name) !== password) return Promise.resolve(password);
      return Promise.reject(
        new MusterError('AUTH', t('a service refused the password or token that was given for “{0}”', name), {
          phase: 'auth',
          hint: t('Check the first line of what --source-password-file names.'),
        }),
      );
    },
    refused: (request) => {
      const { name = '', subject } = request;
      const password = subject.startsWith('metrics') ? passwords().get(name) : undefined;
      if (password === undefined) person.refused?.(request);
      else refused.set(name, password);
    },
  };
}
