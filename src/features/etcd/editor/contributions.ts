import { type ArgumentsIn, command, type Contribution } from '../../../shell/editor/manifest/contribution';
import { all, inView, isTrusted, onRow } from '../../../shell/editor/manifest/whenClauses';
import { etcdContext } from './contextKeys';
import type {
  DifferenceNode,
  FolderNode as ComparedFolderNode,
  MoreNode,
} from './comparison/comparisonNodes';
import type {
  ConfigNode,
  FolderNode,
  KeyNode,
  KeyPlace,
  ParentNode,
  RevisionNode,
} from './config/configNodes';

declare module '../../../shell/editor/commands/musterCommands' {
  interface MusterCommands extends ArgumentsIn<typeof etcdContribution.commands> {}
}

/** What connects to clusters needs both. */
const canReachClusters = all(isTrusted, etcdContext.hasEtcd);

const inConfig = inView('muster.config');
const onConfig = (kind: string | RegExp) => all(onRow('muster.config', kind), isTrusted);
const onPrefix = onConfig(/^etcd(Cluster|Folder)/);
const onWritablePrefix = onConfig(/^etcd(Cluster|Folder)$/);
const onKey = onConfig(/^etcdKey/);
const onWritableKey = onConfig('etcdKey');
const onPrefixOrKey = onConfig(/^etcd(Cluster|Folder|Key)/);

const onRevision = (kind: RegExp) => onRow('muster.keyHistory', kind);

const inComparison = inView('muster.configComparison');
const onComparison = (kind: string | RegExp) => onRow('muster.configComparison', kind);

export const etcdContribution = {
  category: 'Muster Config',
  contextKeys: etcdContext,
  commands: {
    'muster.refreshConfig': command<[row?: ConfigNode]>({
      icon: 'refresh',
      palette: canReachClusters,
      menus: {
        'view/title': { 'navigation@3': all(inConfig, isTrusted) },
        'view/item/context': { '3_view@1': onPrefix },
      },
    }),
    'muster.enterClusterPassword': command<[row?: ConfigNode]>({
      icon: 'key',
      palette: canReachClusters,
      menus: {
        'view/item/context': {
          'inline@1': onConfig('etcdCluster-locked'),
          '0_login@1': onConfig('etcdCluster-locked'),
        },
      },
    }),
    'muster.showMoreKeys': command<[row: ParentNode]>({ palette: false }),
    'muster.filterKeys': command({
      icon: 'filter',
      palette: canReachClusters,
      menus: { 'view/title': { 'navigation@1': all(inConfig, isTrusted) } },
    }),
    'muster.clearKeyFilter': command({
      icon: 'clear-all',
      palette: all(isTrusted, etcdContext.keysFiltered),
      menus: { 'view/title': { 'navigation@2': all(inConfig, etcdContext.keysFiltered) } },
    }),
    'muster.openKey': command<[what?: ConfigNode | KeyPlace]>({
      icon: 'go-to-file',
      palette: canReachClusters,
      menus: { 'view/item/context': { '1_keys@1': onPrefixOrKey } },
    }),
    'muster.newKey': command<[row?: ConfigNode]>({
      icon: 'new-file',
      palette: canReachClusters,
      menus: {
        'view/title': { '1_keys@1': all(inConfig, isTrusted) },
        'view/item/context': { 'inline@1': onWritablePrefix, '1_keys@1': onWritablePrefix },
      },
    }),
    'muster.duplicateKey': command<[row?: KeyNode]>({
      palette: canReachClusters,
      menus: { 'view/item/context': { '4_change@1': onWritableKey } },
    }),
    'muster.renameKey': command<[row?: KeyNode]>({
      palette: canReachClusters,
      menus: { 'view/item/context': { '4_change@2': onWritableKey } },
    }),
    'muster.deleteKeys': command<[row: KeyNode | FolderNode]>({
      icon: 'trash',
      palette: false,
      menus: { 'view/item/context': { '4_change@4': onConfig(/^etcd(Key|Folder)$/) } },
    }),
    'muster.copyKey': command<[row: KeyNode | FolderNode]>({
      palette: false,
      menus: { 'view/item/context': { '2_copy@1': onRow('muster.config', /^etcd(Key|Folder)/) } },
    }),
    'muster.copyKeyValue': command<[row?: KeyNode]>({
      palette: canReachClusters,
      menus: { 'view/item/context': { '2_copy@2': onKey } },
    }),
    'muster.setKeyTtl': command<[row?: KeyNode]>({
      palette: canReachClusters,
      menus: { 'view/item/context': { '4_change@3': onWritableKey } },
    }),
    'muster.keyHistory': command<[row?: KeyNode]>({
      icon: 'history',
      palette: canReachClusters,
      menus: { 'view/item/context': { 'inline@1': onKey, '1_keys@2': onKey } },
    }),
    'muster.openRevision': command<[row: RevisionNode]>({
      icon: 'go-to-file',
      palette: false,
      menus: {
        'view/item/context': { 'inline@1': onRevision(/;value;/), '1_revision@1': onRevision(/;value;/) },
      },
    }),
    'muster.compareRevision': command<[row: RevisionNode]>({
      icon: 'git-compare',
      palette: false,
      menus: { 'view/item/context': { '1_revision@2': onRevision(/;previous;/) } },
    }),
    'muster.compareRevisionWithNext': command<[row: RevisionNode]>({
      palette: false,
      menus: { 'view/item/context': { '1_revision@3': onRevision(/;past;/) } },
    }),
    'muster.compareRevisionWithNow': command<[row: RevisionNode]>({
      icon: 'diff',
      palette: false,
      menus: {
        'view/item/context': { 'inline@4': onRevision(/;past;/), '1_revision@4': onRevision(/;past;/) },
      },
    }),
    'muster.restoreRevision': command<[row: RevisionNode]>({
      icon: 'discard',
      palette: false,
      menus: {
        'view/item/context': {
          'inline@5': onRevision(/;value;.*;past;writable;/),
          '2_revision@5': onRevision(/;value;.*;past;writable;/),
        },
      },
    }),
    'muster.compareWith': command<[from?: unknown, to?: unknown]>({
      icon: 'git-compare',
      palette: canReachClusters,
      menus: { 'view/item/context': { '5_compare@1': onPrefix } },
    }),
    'muster.exportPrefix': command<[from?: unknown, to?: unknown]>({
      icon: 'export',
      palette: canReachClusters,
      menus: { 'view/item/context': { '5_compare@2': onPrefix } },
    }),
    'muster.importPrefix': command<[to?: unknown, from?: unknown]>({
      palette: canReachClusters,
      menus: { 'view/item/context': { '5_compare@3': onPrefix } },
    }),
    'muster.openDifference': command<[row: DifferenceNode]>({
      icon: 'diff',
      palette: false,
      menus: { 'view/item/context': { '1_open@1': onComparison('comparisonKey') } },
    }),
    'muster.applyComparison': command({
      icon: 'check',
      enablement: all(etcdContext.comparisonCanApply, isTrusted),
      palette: etcdContext.hasComparison,
      menus: { 'view/title': { 'navigation@1': inComparison } },
    }),
    'muster.swapComparison': command({
      icon: 'arrow-swap',
      palette: etcdContext.hasComparison,
      menus: { 'view/title': { 'navigation@2': inComparison } },
    }),
    'muster.refreshComparison': command({
      icon: 'refresh',
      palette: etcdContext.hasComparison,
      menus: { 'view/title': { 'navigation@3': inComparison } },
    }),
    'muster.selectRemovals': command<[row?: ComparedFolderNode]>({
      palette: etcdContext.hasComparison,
      menus: {
        'view/title': { '1_select@1': inComparison },
        'view/item/context': { '1_select@1': onComparison(/^comparison(Root|Folder)$/) },
      },
    }),
    'muster.showMoreDifferences': command<[row: MoreNode]>({ palette: false }),
    'muster.copyComparison': command({
      icon: 'copy',
      palette: etcdContext.hasComparison,
      menus: {
        'view/title': { '2_copy@1': inComparison },
        'view/item/context': { '2_copy@1': onComparison('comparisonRoot') },
      },
    }),
    'muster.closeComparison': command({
      icon: 'close',
      palette: etcdContext.hasComparison,
      menus: { 'view/title': { 'navigation@4': inComparison } },
    }),
    'muster.watchPrefix': command<[row?: ConfigNode]>({
      icon: 'eye',
      palette: canReachClusters,
      menus: {
        'view/title': { '1_keys@2': all(inConfig, canReachClusters) },
        'view/item/context': { 'inline@2': onPrefix, '1_watch@1': onPrefixOrKey },
      },
    }),
    'muster.watchPrefixFrom': command<[row?: ConfigNode]>({
      palette: canReachClusters,
      menus: { 'view/item/context': { '1_watch@2': onPrefixOrKey } },
    }),
    'muster.withdrawConsent': command({ palette: etcdContext.hasConsent }),
  },
  views: {
    'muster.config': { icon: 'database', size: 1, when: etcdContext.hasEtcd },
    'muster.configComparison': { icon: 'git-compare', size: 1, when: etcdContext.hasComparison },
    'muster.keyHistory': { icon: 'git-commit', size: 1, when: etcdContext.hasEtcd, visibility: 'collapsed' },
  },
  others: {
    resourceLabelFormatters: [
      { scheme: 'muster-etcd', formatting: { label: '${authority}:${path}', separator: '/' } },
      { scheme: 'muster-etcd-value', formatting: { label: '${authority}:${path}', separator: '/' } },
    ],
  },
} satisfies Contribution;
