import { Disposables } from '../disposables';
import type { Ports } from '../services';
import { HostsFilter } from './hostsFilter';
import { HostsViewCommands } from './hostsViewCommands';

/** How the Hosts view is arranged, and the ways between its rows and the inventory. */
export function hostsViewFeature({
  context,
  registry,
  fleets,
  hosts,
}: Ports<'context' | 'registry' | 'fleets' | 'hosts'>): Disposables {
  const owned = new Disposables();
  const filter: HostsFilter = owned.add(new HostsFilter(fleets, hosts, () => commands.describe()));
  const commands = new HostsViewCommands(fleets, hosts, filter, context.workspaceState);
  registry.register({
    'muster.groupHosts': commands.group,
    'muster.sortHosts': commands.sort,
    'muster.filterHosts': commands.setFilter,
    'muster.clearHostsFilter': commands.clearFilter,
    'muster.revealInHosts': commands.revealFromEditor,
    'muster.copyHostName': commands.copyName,
    'muster.copyHostAddress': commands.copyAddress,
    'muster.insertHostName': commands.insertIntoTerminal,
  });
  commands.restore();
  return owned;
}
