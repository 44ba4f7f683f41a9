import { l10n } from 'vscode';
import { MusterError } from '../../../platform/errors/errors';
import { readFacts } from '../core/factChoice';

/** What key bindings and other extensions may say. */
export interface DriftArguments {
  selector?: string;
  inventory?: string;
  facts?: string[];
}

const keys = ['selector', 'inventory', 'facts'];

/** @throws MusterError USAGE that names the argument */
export function readDriftArguments(value: unknown): DriftArguments {
  const given = Object.entries(typeof value === 'object' && value !== null ? value : {});
  for (const [key, one] of given) {
    if (!keys.includes(key))
      throw new MusterError('USAGE', l10n.t('There is no argument “{0}”.', key), {
        hint: l10n.t('Known are {0}.', keys.join(', ')),
      });
    if (key === 'facts') continue;
    if (typeof one !== 'string' || one.trim() === '')
      throw new MusterError('USAGE', l10n.t('The argument “{0}” is text that is not empty.', key));
  }
  const read = Object.fromEntries(given) as DriftArguments;
  const { facts } = read;
  if (facts === undefined) return read;
  if (!Array.isArray(facts) || facts.some((fact) => typeof fact !== 'string'))
    throw new MusterError('USAGE', l10n.t('The argument “{0}” is a list of texts.', 'facts'));
  readFacts(facts);
  return read;
}
