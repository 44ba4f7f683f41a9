import { shellContext } from '../contextKeys';
import { all, inView, isTrusted, oneOf, onRow } from '../manifest/whenClauses';
import type { HostsNode } from './hostNodes';

/** What connects to hosts needs both. */
export const canReachHosts = all(isTrusted, shellContext.hasInventory);

export const inHosts = inView('muster.hosts');

/** On rows of the Hosts view, but for those that features add below a host. */
const onRowOf = (...kinds: readonly Exclude<HostsNode['kind'], 'branch'>[]) =>
  onRow('muster.hosts', oneOf(...kinds));

export const onHost = onRowOf('host');
export const onHosts = onRowOf('fleet', 'group', 'host');
export const onHostOrCheck = onRowOf('host', 'check');
export const onHostsOrChecks = onRowOf('fleet', 'group', 'host', 'check');
