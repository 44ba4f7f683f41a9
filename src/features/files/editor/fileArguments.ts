import { l10n } from 'vscode';
import { MusterError } from '../../../platform/errors/errors';

const keys = ['selector', 'inventory', 'path'] as const;

/** What key bindings, links and other extensions may say of files on hosts. */
export type FileArguments = Partial<Record<(typeof keys)[number], string>>;

/** @throws MusterError USAGE that names the argument */
export function readFileArguments(value: unknown): FileArguments {
  const given = Object.entries(typeof value === 'object' && value !== null ? value : {});
  for (const [key, text] of given) {
    if (!(keys as readonly string[]).includes(key)) {
      throw new MusterError('USAGE', l10n.t('There is no argument “{0}”.', key), {
        hint: l10n.t('Known are {0}.', keys.join(', ')),
      });
    }
    if (typeof text !== 'string' || text.trim() === '')
      throw new MusterError('USAGE', l10n.t('The argument “{0}” is text that is not empty.', key));
  }
  const read = Object.fromEntries(given) as FileArguments;
  if (read.path !== undefined && !read.path.startsWith('/'))
    throw new MusterError('USAGE', l10n.t('The argument “{0}” is a path that begins with a slash.', 'path'));
  return read;
}
