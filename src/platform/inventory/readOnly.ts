import { MusterError } from '../errors/errors';
import type { Host } from './model';
import { t } from '../l10n/l10n';

/**
 * Nothing is changed on the hosts of a group with `readOnly: true`; checks and reading go on.
 * @throws MusterError READ_ONLY
 */
export function refuseReadOnly(hosts: Iterable<Host>): void {
  const refused = [...hosts].filter((host) => host.readOnly);
  const [first] = refused;
  if (!first?.readOnly) return;
  const { group, source } = first.readOnly;
  const more = refused.length - 1;
  const others =
    more === 1
      ? t('{0} and 1 other host are read-only', first.name)
      : t('{0} and {1} other hosts are read-only', first.name, more);
  throw new MusterError('READ_ONLY', more > 0 ? others : t('{0} is read-only', first.name), {
    host: first.name,
    phase: 'inventory',
    hint: t(
      'Group “{0}” says so at {1}:{2}. Choose other hosts, e.g. with !@{3}.',
      group,
      source.file,
      source.line,
      group,
    ),
  });
}
