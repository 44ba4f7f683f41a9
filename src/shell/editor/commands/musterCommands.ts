import { type Command, commands, type Uri } from 'vscode';
import type { SourceFrame } from '../../../features/profiles/core/sources/sourcePath';
import type { ShownFrame, ShownLabel } from '../../../features/profiles/protocol/flameGraph';
import type {
  DifferenceNode,
  FolderNode as ComparedFolderNode,
  MoreNode,
} from '../../../features/etcd/editor/comparison/comparisonNodes';
import type {
  ConfigNode,
  FolderNode,
  KeyNode,
  KeyPlace,
  ParentNode,
  RevisionNode,
} from '../../../features/etcd/editor/config/configNodes';
import type { ProfilesNode } from '../../../features/profiles/editor/list/profileNodes';
import type { RunsNode } from '../../../features/runs/editor/view/runNodes';
import type { HostsNode } from '../hosts/hostNodes';
import type { RunArguments } from './runArguments';

/** What a command takes, which is for the types only. */
interface Takes<Arguments extends readonly unknown[]> {
  readonly arguments?: Arguments;
}

function takes<Arguments extends readonly unknown[] = []>(): Takes<Arguments> {
  return {};
}

/** The row of a menu, and all that are selected. */
type Rows<Node> = [row?: Node, selected?: readonly Node[]];
/** Rows, or what a lens, a key binding, a task or another extension names. */
type Hosts = [what?: HostsNode | Partial<RunArguments>, selected?: readonly HostsNode[]];
/** What the menu of a line gives. */
type LogLine = [context?: { musterLogs?: number }];

/**
 * The commands of package.json, with what each takes where Muster runs it. What comes from elsewhere (menus, key bindings,
 * links, other extensions) may be anything: what carries a command out looks at it first.
 */
export const musterCommands = {
  'muster.checkAll': takes(),
  'muster.check': takes<Hosts>(),
  'muster.cancel': takes(),
  'muster.openInventory': takes<[row?: HostsNode]>(),
  'muster.createInventory': takes(),
  'muster.refreshInventory': takes(),
  'muster.importHosts': takes<[source?: unknown]>(),
  'muster.showHosts': takes<[what?: { inventory: string; hosts?: readonly string[]; title?: string }]>(),
  'muster.startLab': takes(),
  'muster.stopLab': takes(),
  'muster.openLabFolder': takes(),
  'muster.forgetSecrets': takes(),
  'muster.showLog': takes(),

  'muster.groupHosts': takes(),
  'muster.sortHosts': takes(),
  'muster.filterHosts': takes(),
  'muster.clearHostsFilter': takes(),
  'muster.revealInHosts': takes(),
  'muster.copyHostName': takes<Rows<HostsNode>>(),
  'muster.copyHostAddress': takes<Rows<HostsNode>>(),
  'muster.insertHostName': takes<Rows<HostsNode>>(),
  'muster.showHistory': takes<[row?: HostsNode]>(),
  'muster.clearHistory': takes(),
  'muster.checkAutomatically': takes(),

  'muster.run': takes<Hosts>(),
  'muster.runScript': takes<[script?: Uri]>(),
  'muster.runSelection': takes(),
  'muster.openRunOutput': takes<[row?: RunsNode]>(),
  'muster.openHostOutput': takes<[row?: RunsNode]>(),
  'muster.compareRunGroups': takes<Rows<RunsNode>>(),
  'muster.rerun': takes<[row?: RunsNode]>(),
  'muster.rerunFailed': takes<[row?: RunsNode]>(),
  'muster.rerunGroup': takes<[row?: RunsNode]>(),
  'muster.cancelRun': takes<[row?: RunsNode]>(),
  'muster.saveRunOutput': takes<[row?: RunsNode]>(),
  'muster.copyRunMarkdown': takes<[row?: RunsNode]>(),
  'muster.searchRunOutput': takes<[row?: RunsNode]>(),
  'muster.removeRun': takes<Rows<RunsNode>>(),
  'muster.clearRuns': takes(),
  'muster.toggleRunColours': takes(),

  'muster.openTerminal': takes<Hosts>(),
  'muster.broadcastInput': takes(),
  'muster.stopBroadcast': takes(),
  'muster.openHostFile': takes<Rows<HostsNode>>(),
  'muster.compareOnHosts': takes<Rows<HostsNode>>(),
  'muster.forwardPort': takes<[row?: HostsNode]>(),
  'muster.openForward': takes<[row?: HostsNode]>(),
  'muster.copyForwardUrl': takes<[row?: HostsNode]>(),
  'muster.stopForward': takes<[row?: HostsNode]>(),
  'muster.stopAllForwards': takes(),

  'muster.refreshConfig': takes<[row?: ConfigNode]>(),
  'muster.enterClusterPassword': takes<[row?: ConfigNode]>(),
  'muster.showMoreKeys': takes<[row?: ParentNode]>(),
  'muster.filterKeys': takes(),
  'muster.clearKeyFilter': takes(),
  'muster.openKey': takes<[what?: ConfigNode | KeyPlace]>(),
  'muster.newKey': takes<[row?: ConfigNode]>(),
  'muster.duplicateKey': takes<[row?: KeyNode]>(),
  'muster.renameKey': takes<[row?: KeyNode]>(),
  'muster.deleteKeys': takes<[row?: KeyNode | FolderNode]>(),
  'muster.copyKey': takes<[row?: KeyNode | FolderNode]>(),
  'muster.copyKeyValue': takes<[row?: KeyNode]>(),
  'muster.setKeyTtl': takes<[row?: KeyNode]>(),
  'muster.keyHistory': takes<[row?: KeyNode]>(),
  'muster.openRevision': takes<[row: RevisionNode]>(),
  'muster.compareRevision': takes<[row: RevisionNode]>(),
  'muster.compareRevisionWithNext': takes<[row: RevisionNode]>(),
  'muster.compareRevisionWithNow': takes<[row: RevisionNode]>(),
  'muster.restoreRevision': takes<[row: RevisionNode]>(),
  'muster.watchPrefix': takes<[row?: ConfigNode]>(),
  'muster.watchPrefixFrom': takes<[row?: ConfigNode]>(),
  'muster.withdrawConsent': takes(),

  'muster.compareWith': takes<[from?: unknown, to?: unknown]>(),
  'muster.exportPrefix': takes<[from?: unknown, to?: unknown]>(),
  'muster.importPrefix': takes<[to?: unknown, from?: unknown]>(),
  'muster.openDifference': takes<[row?: DifferenceNode]>(),
  'muster.applyComparison': takes(),
  'muster.swapComparison': takes(),
  'muster.refreshComparison': takes(),
  'muster.selectRemovals': takes<[row?: ComparedFolderNode]>(),
  'muster.showMoreDifferences': takes<[row?: MoreNode]>(),
  'muster.copyComparison': takes(),
  'muster.closeComparison': takes(),

  'muster.openProfile': takes<[uri?: Uri]>(),
  'muster.openFlameGraph': takes<[what?: ProfilesNode | Uri]>(),
  'muster.openProfileFunction': takes<[row?: ProfilesNode]>(),
  'muster.revealInFlameGraph': takes<[row?: ProfilesNode]>(),
  'muster.compareListedProfiles': takes<Rows<ProfilesNode>>(),
  'muster.removeProfile': takes<Rows<ProfilesNode>>(),
  'muster.saveProfile': takes<[row?: ProfilesNode]>(),
  'muster.copyProfileMarkdown': takes<[row?: ProfilesNode]>(),
  'muster.selectValueType': takes<[row?: ProfilesNode]>(),
  'muster.showInProfile': takes<[profile?: Uri, frame?: SourceFrame]>(),
  'muster.toggleLineHeat': takes(),
  'muster.showMyCodeOnly': takes(),
  'muster.showAllCode': takes(),
  'muster.showMoreFunctions': takes<[row: ProfilesNode]>(),
  'muster.openFrameSource': takes<[frame?: SourceFrame, profile?: Uri]>(),
  'muster.compareProfiles': takes<[first?: Uri, others?: readonly Uri[]]>(),
  'muster.swapProfiles': takes(),
  'muster.openSelectedFrame': takes(),
  'muster.expandSelectedFrame': takes(),
  'muster.drawWholeProfile': takes(),
  'muster.revealFrame': takes<[profile: Uri, frame: ShownFrame | undefined, label?: ShownLabel]>(),
  'muster.captureProfile': takes<Hosts>(),

  'muster.followLogs': takes<Hosts>(),
  'muster.showLogsAt': takes<Hosts>(),
  'muster.openHostLog': takes<Hosts>(),
  'muster.downloadHostFile': takes<Hosts>(),
  'muster.openAsLog': takes<[file?: Uri]>(),
  'muster.copyLogLines': takes<LogLine>(),
  'muster.openLogLines': takes<LogLine>(),
  'muster.bookmarkLogLine': takes<LogLine>(),
  'muster.pinLogLine': takes<LogLine>(),
  'muster.onlyLogHost': takes<LogLine>(),
  'muster.filterLogField': takes<LogLine>(),
  'muster.correlateLog': takes<LogLine>(),
  'muster.openLogFrame': takes<LogLine>(),
} as const;

export type CommandId = keyof typeof musterCommands;

/** What a command takes. */
export type ArgumentsOf<Id extends CommandId> =
  (typeof musterCommands)[Id] extends Takes<infer Arguments> ? Arguments : never;

/** Runs a command of Muster; what it fails with is shown by the registry. */
export async function runMuster<Id extends CommandId>(id: Id, ...given: ArgumentsOf<Id>): Promise<void> {
  await commands.executeCommand(id, ...given);
}

/** A command of Muster for a row or a lens. */
export function linkTo<Id extends CommandId>(id: Id, title: string, ...given: ArgumentsOf<Id>): Command {
  return { command: id, title, arguments: [...given] };
}
