import { l10n } from 'vscode';
import { MusterError } from '../../../platform/errors/errors';

const keys = {
  copy: ['files', 'selector', 'destination', 'inventory'],
  fetch: ['path', 'selector', 'folder', 'inventory'],
} as const;

type Kind = keyof typeof keys;

/** What key bindings, links and other extensions may say; `files` may be a list. */
export type TransferArguments<K extends Kind> = Partial<
  Record<Exclude<(typeof keys)[K][number], 'files'>, string>
> & { files?: readonly string[] };

/** @throws MusterError USAGE that names the argument */
export function readTransferArguments<K extends Kind>(kind: K, value: unknown): TransferArguments<K> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MusterError('USAGE', l10n.t('The arguments are an object.'));
  const known: readonly string[] = keys[kind];
  for (const [key, given] of Object.entries(value)) {
    if (!known.includes(key))
      throw new MusterError('USAGE', l10n.t('There is no argument “{0}”.', key), {
        hint: l10n.t('Known are {0}.', known.join(', ')),
      });
    const texts: unknown[] = key === 'files' && Array.isArray(given) && given.length > 0 ? given : [given];
    if (!texts.every((text) => typeof text === 'string' && text.trim() !== ''))
      throw new MusterError('USAGE', l10n.t('The argument “{0}” is text that is not empty.', key));
  }
  const { files, ...rest } = value as { files?: string | string[] };
  return { ...rest, ...(files !== undefined && { files: [files].flat() }) } as TransferArguments<K>;
}
