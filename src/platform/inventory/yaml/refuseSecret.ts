import { t } from '../../l10n/l10n';
import { child } from './located';
import type { Entry, YamlSource } from './yamlSource';

const secretKeys: ReadonlySet<string> = new Set(['password', 'secret', 'token']);

/** Reports a secret that is written into an entry or into its `auth`; true where there is one. */
export function refuseSecret(source: YamlSource, entry: Entry): boolean {
  const auth = child(source, entry, 'auth');
  const all = [...source.entries(entry.value), ...(auth ? source.entries(auth.value) : [])];
  const secret = all.find(({ key }) => secretKeys.has(key));
  if (!secret) return false;
  const advice = t(
    'a password is never written here: Muster asks for it, and the editor keeps it in its secret storage',
  );
  source.add('error', advice, source.rangeOf(secret.keyNode));
  return true;
}
