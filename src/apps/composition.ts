import { join } from 'node:path';
import { type ExtensionContext, window } from 'vscode';
import type { MusterExports } from '../../api/muster';
import { ExtraProbes } from '../features/checks/core/extraProbes';
import { agentToolsFeature } from '../features/agents/editor/agentToolsFeature';
import { musterExports } from '../features/api/editor/musterApi';
import { Batches } from '../shell/editor/batches';
import { checkHistoryFeature } from '../features/checks/editor/checkHistoryFeature';
import { driftFeature } from '../features/drift/editor/driftFeature';
import { FleetChecks } from '../features/checks/editor/fleetChecks';
import { CheckCommands } from '../features/checks/editor/checkCommands';
import { CommandRegistry } from '../shell/editor/commands/commandRegistry';
import { InventoryCommands } from '../features/inventoryEditing/editor/inventoryCommands';
import { LabCommands } from '../features/lab/editor/labCommands';
import { copyFeature } from '../features/copy/editor/copyFeature';
import { runCommandFeature } from '../features/runs/editor/command/runCommandFeature';
import { forgetSecrets } from '../shell/editor/prompts/secretCommands';
import { beginTour } from '../features/lab/editor/tour';
import { comparisonFeature } from '../features/etcd/editor/comparison/comparisonFeature';
import { configFeature } from '../features/etcd/editor/config/configFeature';
import { EtcdClusters } from '../features/etcd/editor/clusters/etcdClusters';
import { followContextKeys } from '../shell/editor/followContextKeys';
import { httpFeature } from '../features/http/editor/httpFeature';
import { hostFilesFeature } from '../features/files/editor/hostFilesFeature';
import { Fleets } from '../shell/editor/fleets/fleets';
import { forwardFeature } from '../features/forwards/editor/forwardFeature';
import { Forwards } from '../features/forwards/editor/forwards';
import { inventoryFeature } from '../features/inventoryEditing/editor/inventoryFeature';
import { onChangeFeature } from '../features/etcd/editor/onChange/onChangeFeature';
import { CredentialPrompts } from '../shell/editor/prompts/credentialPrompts';
import { editorAuthority } from '../shell/editor/prompts/editorAuthority';
import { captureFeature } from '../features/profiles/editor/capture/captureFeature';
import { flameGraphFeature } from '../features/profiles/editor/flameGraph/flameGraphFeature';
import { OpenProfiles } from '../features/profiles/editor/openProfiles';
import { profilesFeature } from '../features/profiles/editor/list/profilesFeature';
import { ProfilesView } from '../features/profiles/editor/list/profilesView';
import { profileComparisonFeature } from '../features/profiles/editor/comparison/profileComparisonFeature';
import { metricsFeature } from '../features/metrics/editor/metricsFeature';
import { logsFeature } from '../features/logs/editor/logsFeature';
import { HostKeyPrompts } from '../shell/editor/prompts/hostKeyPrompts';
import { Redactor, redactingLogger } from '../platform/redaction/redactor';
import { FleetRuns } from '../features/runs/editor/fleetRuns';
import { runsViewFeature } from '../features/runs/editor/view/runsViewFeature';
import { speakCore } from '../shell/editor/speakCore';
import { StatusBar } from '../shell/editor/statusBar';
import { taskFeature } from '../features/tasks/editor/taskFeature';
import { terminalFeature } from '../features/terminals/editor/terminalFeature';
import { testExplorerFeature } from '../features/testExplorer/editor/testExplorerFeature';
import { hostsViewFeature } from '../shell/editor/hosts/hostsViewFeature';
import { HostsView } from '../shell/editor/hosts/hostsView';
import { watchFeature } from '../features/etcd/editor/watch/watchFeature';

/** What the editor's host of the core is made of, for a window. */
export interface Composition {
  /** What other extensions are given. */
  readonly exports: MusterExports;
  /** Resolves when every inventory was read once. */
  readonly ready: Promise<void>;
  readonly hosts: HostsView;
  readonly forwards: Forwards;
  readonly profiles: ProfilesView;
  /** Ends what the end of the window waits for: the lab and its processes are gone, and what is to be kept is written. */
  close(): Promise<void>;
}

const features = [
  inventoryFeature,
  hostsViewFeature,
  checkHistoryFeature,
  runCommandFeature,
  runsViewFeature,
  taskFeature,
  terminalFeature,
  forwardFeature,
  hostFilesFeature,
  driftFeature,
  copyFeature,
  httpFeature,
  testExplorerFeature,
  agentToolsFeature,
  configFeature,
  comparisonFeature,
  watchFeature,
  onChangeFeature,
  flameGraphFeature,
  captureFeature,
  profileComparisonFeature,
  profilesFeature,
  logsFeature,
  metricsFeature,
];

/** Makes the services, and gives every feature those that it names; the engine and what it needs are loaded at their first use. */
export function compose(context: ExtensionContext): Composition {
  const closing: (() => Promise<void>)[] = [];
  const own = <Owned extends { dispose(): unknown }>(owned: Owned): Owned => {
    context.subscriptions.push(owned);
    return owned;
  };

  const channel = own(window.createOutputChannel('Muster', { log: true }));
  const redactor = new Redactor();
  const logger = redactingLogger(channel, redactor);
  const registry = own(new CommandRegistry(logger));

  const hostKeys = new HostKeyPrompts();
  const credentials = new CredentialPrompts(context.secrets, redactor);

  const authority = editorAuthority(hostKeys, credentials);

  const extraProbes = new ExtraProbes();
  const fleets = own(
    new Fleets({
      extraProbes,
      logger,
      authority,
      knownHostsFile: join(context.globalStorageUri.fsPath, 'known_hosts'),
      probeThread: { file: context.asAbsolutePath('dist/probe.worker.js'), takes: 'all' },
      logThread: { file: context.asAbsolutePath('dist/log.worker.js') },
      etcd: (fleet) => etcd.surroundingsOf(fleet),
    }),
  );
  const batches = own(new Batches());
  own(batches.onDidBegin(() => [hostKeys, credentials].forEach((prompts) => prompts.batchBegan())));
  const checks = own(new FleetChecks(batches));
  const runs = own(new FleetRuns(batches));
  const forwards = own(new Forwards(fleets, batches, logger));
  const etcd: EtcdClusters = own(
    new EtcdClusters(fleets, {
      ...{ forwards, logger },
      mayAskAgain: () => credentials.batchBegan(),
    }),
  );

  const profiles = own(new OpenProfiles(context.asAbsolutePath('dist/profile.worker.js')));

  const hosts = own(new HostsView(fleets));
  const statusBar = own(new StatusBar(fleets, hosts.tree));
  const profilesView = own(new ProfilesView(context, logger, profiles));
  own(followContextKeys(fleets));

  const services = {
    ...{ context, logger, redactor, registry, fleets, batches, checks, extraProbes, runs, forwards },
    ...{ etcd, profiles, profilesView, hosts, statusBar, credentials },
    beforeClose: (work: () => Promise<void>) => void closing.push(work),
  };
  for (const feature of features) own(feature(services));

  const checkCommands = new CheckCommands(fleets, checks);
  const inventory = new InventoryCommands(fleets);
  const lab = own(new LabCommands(fleets, context.asAbsolutePath('dist/cli.js'), logger));

  registry.register({
    'muster.checkAll': checkCommands.all,
    'muster.check': checkCommands.some,
    'muster.cancel': () => batches.cancelAll(),
    'muster.openInventory': inventory.open,
    'muster.createInventory': inventory.create,
    'muster.refreshInventory': inventory.refresh,
    'muster.startLab': lab.start,
    'muster.stopLab': lab.stop,
    'muster.openLabFolder': lab.openFolder,
    'muster.forgetSecrets': () => forgetSecrets(credentials),
    'muster.showLog': () => channel.show(),
  });

  const ready = speakCore().then(() => fleets.load());
  void ready.then(() => beginTour(context));
  return {
    ...{ exports: musterExports(services, ready), ready, hosts, forwards, profiles: profilesView },
    close: async () => {
      await Promise.all([lab.stop(), ...closing.splice(0).map((work) => work())]);
    },
  };
}
