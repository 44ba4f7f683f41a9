import { join } from 'node:path';
import { type ExtensionContext, window } from 'vscode';
import type { MusterExports } from '../api/muster';
import { ExtraProbes } from './core/checks/extraProbes';
import { agentToolsFeature } from './editor/agents/agentToolsFeature';
import { musterExports } from './editor/api/musterApi';
import { Batches } from './editor/batches';
import { checkHistoryFeature } from './editor/checks/checkHistoryFeature';
import { FleetChecks } from './editor/checks/fleetChecks';
import { CheckCommands } from './editor/commands/checkCommands';
import { CommandRegistry } from './editor/commands/commandRegistry';
import { InventoryCommands } from './editor/commands/inventoryCommands';
import { LabCommands } from './editor/commands/labCommands';
import { runCommandFeature } from './editor/commands/runCommandFeature';
import { forgetSecrets } from './editor/commands/secretCommands';
import { beginTour } from './editor/commands/tour';
import { comparisonFeature } from './editor/etcd/comparison/comparisonFeature';
import { configFeature } from './editor/etcd/configFeature';
import { EtcdClusters } from './editor/etcd/etcdClusters';
import { followContextKeys } from './editor/contextKeys';
import { hostFilesFeature } from './editor/files/hostFilesFeature';
import { Fleets } from './editor/fleets/fleets';
import { forwardFeature } from './editor/forwards/forwardFeature';
import { Forwards } from './editor/forwards/forwards';
import { inventoryFeature } from './editor/inventory/inventoryFeature';
import { onChangeFeature } from './editor/onChange/onChangeFeature';
import { CredentialPrompts } from './editor/prompts/credentialPrompts';
import { editorAuthority } from './editor/prompts/editorAuthority';
import { captureFeature } from './editor/profiles/capture/captureFeature';
import { flameGraphFeature } from './editor/profiles/flameGraphFeature';
import { OpenProfiles } from './editor/profiles/openProfiles';
import { profilesFeature } from './editor/profiles/profilesFeature';
import { ProfilesView } from './editor/profiles/profilesView';
import { profileComparisonFeature } from './editor/profiles/profileComparisonFeature';
import { logsFeature } from './editor/logs/logsFeature';
import { HostKeyPrompts } from './editor/prompts/hostKeyPrompts';
import { Redactor, redactingLogger } from './core/redaction/redactor';
import { FleetRuns } from './editor/runs/fleetRuns';
import { runsViewFeature } from './editor/runs/runsViewFeature';
import { speakCore } from './editor/speakCore';
import { StatusBar } from './editor/statusBar';
import { taskFeature } from './editor/tasks/taskFeature';
import { terminalFeature } from './editor/terminals/terminalFeature';
import { testExplorerFeature } from './editor/testing/testExplorerFeature';
import { hostsViewFeature } from './editor/trees/hostsViewFeature';
import { HostsView } from './editor/trees/hostsView';
import { watchFeature } from './editor/watch/watchFeature';

/** What activation returns: the API of other extensions, and enough to see what a user sees. */
export interface MusterApi extends MusterExports {
  /** Resolves when every inventory was read once. */
  readonly ready: Promise<void>;
  readonly hosts: Pick<HostsView, 'tree' | 'badge' | 'message'>;
  readonly forwards: Forwards;
  readonly profiles: Pick<ProfilesView, 'tree' | 'heat' | 'list' | 'message' | 'selection' | 'captures'>;
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
];

let lab: LabCommands | undefined;
const closing: (() => Promise<void>)[] = [];

/** Wires the features; the engine and what it needs are loaded at their first use. */
export function activate(context: ExtensionContext): MusterApi {
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
      probeThread: { file: context.asAbsolutePath('dist/probeWorker.js'), takes: 'all' },
      logThread: { file: context.asAbsolutePath('dist/logWorker.js') },
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

  const profiles = own(new OpenProfiles(context.asAbsolutePath('dist/profileWorker.js')));

  const hosts = own(new HostsView(fleets));
  const statusBar = own(new StatusBar(fleets, hosts.tree));
  const profilesView = own(new ProfilesView(context, logger, profiles));
  own(followContextKeys(fleets));

  const services = {
    ...{ context, logger, redactor, registry, fleets, batches, checks, extraProbes, runs, forwards },
    ...{ etcd, profiles, profilesView, hosts, statusBar },
    beforeClose: (work: () => Promise<void>) => void closing.push(work),
  };
  for (const feature of features) own(feature(services));

  const checkCommands = new CheckCommands(fleets, checks);
  const inventory = new InventoryCommands(fleets);
  lab = own(new LabCommands(fleets, context.asAbsolutePath('dist/cli.js'), logger));

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
  return { ...musterExports(services, ready), ready, hosts, forwards, profiles: profilesView };
}

/** The lab and its processes are gone before the editor is, and what is to be kept is written. */
export async function deactivate(): Promise<void> {
  await Promise.all([lab?.stop(), ...closing.splice(0).map((work) => work())]);
}
