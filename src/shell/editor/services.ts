import type { ExtensionContext } from 'vscode';
import type { ExtraProbes } from '../../features/checks/core/extraProbes';
import type { Logger } from '../../platform/host/host';
import type { Batches } from './batches';
import type { FleetChecks } from '../../features/checks/editor/fleetChecks';
import type { CommandRegistry } from './commands/commandRegistry';
import type { EtcdClusters } from '../../features/etcd/editor/clusters/etcdClusters';
import type { Fleets } from './fleets/fleets';
import type { Forwards } from '../../features/forwards/editor/forwards';
import type { OpenProfiles } from '../../features/profiles/editor/openProfiles';
import type { FleetRuns } from '../../features/runs/editor/fleetRuns';
import type { Redactor } from '../../platform/redaction/redactor';
import type { ProfilesView } from '../../features/profiles/editor/list/profilesView';
import type { StatusBar } from './statusBar';
import type { HostsView } from './hosts/hostsView';

/** What features are built from, made once for the window. Not exported: a feature asks for the ports that it uses. */
interface Services {
  readonly context: ExtensionContext;
  readonly logger: Logger;
  readonly redactor: Redactor;
  readonly registry: CommandRegistry;
  readonly fleets: Fleets;
  readonly batches: Batches;
  readonly checks: FleetChecks;
  /** Kinds of checks that other extensions registered. */
  readonly extraProbes: ExtraProbes;
  readonly runs: FleetRuns;
  /** Ports of hosts on this machine; `open` is for features that reach what only a host does. */
  readonly forwards: Forwards;
  readonly etcd: EtcdClusters;
  /** Profiles, read once for all who look at them. */
  readonly profiles: OpenProfiles;
  readonly hosts: HostsView;
  readonly statusBar: StatusBar;
  readonly profilesView: ProfilesView;
  /** Registers work that the end of the window waits for, such as writing what is not yet stored. */
  readonly beforeClose: (work: () => Promise<void>) => void;
}

/** The ports of these names, which is what a feature's function takes. */
export type Ports<Name extends keyof Services> = Pick<Services, Name>;
