import { MusterError } from '../errors';
import type { Host } from '../inventory/model';

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
  const others = more === 1 ? ' and 1 other host are' : ` and ${more} other hosts are`;
  throw new MusterError('READ_ONLY', `${first.name}${more > 0 ? others : ' is'} read-only`, {
    host: first.name,
    phase: 'inventory',
    hint: `Group “${group}” says so at ${source.file}:${source.line}. Choose other hosts, e.g. with !@${group}.`,
  });
}
