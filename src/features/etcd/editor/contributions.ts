import { command, type Contribution, type ArgumentsIn } from '../../../shell/editor/manifest/contribution';
import { all, inView, onRow, isTrusted } from '../../../shell/editor/manifest/whenClauses';
import { canReachClusters, etcdContext } from './contextKeys';
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

export const etcdContribution = {
  contextKeys: etcdContext,
  commands: {
    'muster.refreshConfig': command<[row?: ConfigNode]>({
      icon: 'refresh',
      palette: canReachClusters,
      menus: {
        'view/title': { 'navigation@3': all(inView('muster.config'), isTrusted) },
        'view/item/context': { '3_view@1': all(onRow('muster.config', /^etcd(Cluster|Folder)/), isTrusted) },
      },
    }),
    'muster.enterClusterPassword': command<[row?: ConfigNode]>({
      icon: 'key',
      palette: canReachClusters,
      menus: {
        'view/item/context': {
          'inline@1': all(onRow('muster.config', 'etcdCluster-locked'), isTrusted),
          '0_login@1': all(onRow('muster.config', 'etcdCluster-locked'), isTrusted),
        },
      },
    }),
    'muster.showMoreKeys': command<[row: ParentNode]>({ palette: false }),
    'muster.filterKeys': command({
      icon: 'filter',
      palette: canReachClusters,
      menus: { 'view/title': { 'navigation@1': all(inView('muster.config'), isTrusted) } },
    }),
    'muster.clearKeyFilter': command({
      icon: 'clear-all',
      palette: all(isTrusted, etcdContext.keysFiltered),
      menus: { 'view/title': { 'navigation@2': all(inView('muster.config'), etcdContext.keysFiltered) } },
    }),
    'muster.openKey': command<[what?: ConfigNode | KeyPlace]>({
      icon: 'go-to-file',
      palette: canReachClusters,
      menus: {
        'view/item/context': {
          '1_keys@1': all(onRow('muster.config', /^etcd(Cluster|Folder|Key)/), isTrusted),
        },
      },
    }),
    'muster.newKey': command<[row?: ConfigNode]>({
      icon: 'new-file',
      palette: canReachClusters,
      menus: {
        'view/title': { '1_keys@1': all(inView('muster.config'), isTrusted) },
        'view/item/context': {
          'inline@1': all(onRow('muster.config', /^etcd(Cluster|Folder)$/), isTrusted),
          '1_keys@1': all(onRow('muster.config', /^etcd(Cluster|Folder)$/), isTrusted),
        },
      },
    }),
    'muster.duplicateKey': command<[row?: KeyNode]>({
      palette: canReachClusters,
      menus: { 'view/item/context': { '4_change@1': all(onRow('muster.config', 'etcdKey'), isTrusted) } },
    }),
    'muster.renameKey': command<[row?: KeyNode]>({
      palette: canReachClusters,
      menus: { 'view/item/context': { '4_change@2': all(onRow('muster.config', 'etcdKey'), isTrusted) } },
    }),
    'muster.deleteKeys': command<[row: KeyNode | FolderNode]>({
      icon: 'trash',
      palette: false,
      menus: {
        'view/item/context': { '4_change@4': all(onRow('muster.config', /^etcd(Key|Folder)$/), isTrusted) },
      },
    }),
    'muster.copyKey': command<[row: KeyNode | FolderNode]>({
      palette: false,
      menus: { 'view/item/context': { '2_copy@1': onRow('muster.config', /^etcd(Key|Folder)/) } },
    }),
    'muster.copyKeyValue': command<[row?: KeyNode]>({
      palette: canReachClusters,
      menus: { 'view/item/context': { '2_copy@2': all(onRow('muster.config', /^etcdKey/), isTrusted) } },
    }),
    'muster.setKeyTtl': command<[row?: KeyNode]>({
      palette: canReachClusters,
      menus: { 'view/item/context': { '4_change@3': all(onRow('muster.config', 'etcdKey'), isTrusted) } },
    }),
    'muster.keyHistory': command<[row?: KeyNode]>({
      icon: 'history',
      palette: canReachClusters,
      menus: {
        'view/item/context': {
          'inline@1': all(onRow('muster.config', /^etcdKey/), isTrusted),
          '1_keys@2': all(onRow('muster.config', /^etcdKey/), isTrusted),
        },
      },
    }),
    'muster.openRevision': command<[row: RevisionNode]>({
      icon: 'go-to-file',
      palette: false,
      menus: {
        'view/item/context': {
          'inline@1': onRow('muster.keyHistory', /;value;/),
          '1_revision@1': onRow('muster.keyHistory', /;value;/),
        },
      },
    }),
    'muster.compareRevision': command<[row: RevisionNode]>({
      icon: 'git-compare',
      palette: false,
      menus: { 'view/item/context': { '1_revision@2': onRow('muster.keyHistory', /;previous;/) } },
    }),
    'muster.compareRevisionWithNext': command<[row: RevisionNode]>({
      palette: false,
      menus: { 'view/item/context': { '1_revision@3': onRow('muster.keyHistory', /;past;/) } },
    }),
    'muster.compareRevisionWithNow': command<[row: RevisionNode]>({
      icon: 'diff',
      palette: false,
      menus: {
        'view/item/context': {
          'inline@4': onRow('muster.keyHistory', /;past;/),
          '1_revision@4': onRow('muster.keyHistory', /;past;/),
        },
      },
    }),
    'muster.restoreRevision': command<[row: RevisionNode]>({
      icon: 'discard',
      palette: false,
      menus: {
        'view/item/context': {
          'inline@5': onRow('muster.keyHistory', /;value;.*;past;writable;/),
          '2_revision@5': onRow('muster.keyHistory', /;value;.*;past;writable;/),
        },
      },
    }),
    'muster.compareWith': command<[from?: unknown, to?: unknown]>({
      icon: 'git-compare',
      palette: canReachClusters,
      menus: {
        'view/item/context': {
          '5_compare@1': all(onRow('muster.config', /^etcd(Cluster|Folder)/), isTrusted),
        },
      },
    }),
    'muster.exportPrefix': command<[from?: unknown, to?: unknown]>({
      icon: 'export',
      palette: canReachClusters,
      menus: {
        'view/item/context': {
          '5_compare@2': all(onRow('muster.config', /^etcd(Cluster|Folder)/), isTrusted),
        },
      },
    }),
    'muster.importPrefix': command<[to?: unknown, from?: unknown]>({
      palette: canReachClusters,
      menus: {
        'view/item/context': {
          '5_compare@3': all(onRow('muster.config', /^etcd(Cluster|Folder)/), isTrusted),
        },
      },
    }),
    'muster.openDifference': command<[row: DifferenceNode]>({
      icon: 'diff',
      palette: false,
      menus: { 'view/item/context': { '1_open@1': onRow('muster.configComparison', 'comparisonKey') } },
    }),
    'muster.applyComparison': command({
      icon: 'check',
      enablement: all(etcdContext.comparisonCanApply, isTrusted),
      palette: etcdContext.hasComparison,
      menus: { 'view/title': { 'navigation@1': inView('muster.configComparison') } },
    }),
    'muster.swapComparison': command({
      icon: 'arrow-swap',
      palette: etcdContext.hasComparison,
      menus: { 'view/title': { 'navigation@2': inView('muster.configComparison') } },
    }),
    'muster.refreshComparison': command({
      icon: 'refresh',
      palette: etcdContext.hasComparison,
      menus: { 'view/title': { 'navigation@3': inView('muster.configComparison') } },
    }),
    'muster.selectRemovals': command<[row?: ComparedFolderNode]>({
      palette: etcdContext.hasComparison,
      menus: {
        'view/title': { '1_select@1': inView('muster.configComparison') },
        'view/item/context': { '1_select@1': onRow('muster.configComparison', /^comparison(Root|Folder)$/) },
      },
    }),
    'muster.showMoreDifferences': command<[row: MoreNode]>({ palette: false }),
    'muster.copyComparison': command({
      icon: 'copy',
      palette: etcdContext.hasComparison,
      menus: {
        'view/title': { '2_copy@1': inView('muster.configComparison') },
        'view/item/context': { '2_copy@1': onRow('muster.configComparison', 'comparisonRoot') },
      },
    }),
    'muster.closeComparison': command({
      icon: 'close',
      palette: etcdContext.hasComparison,
      menus: { 'view/title': { 'navigation@4': inView('muster.configComparison') } },
    }),
    'muster.watchPrefix': command<[row?: ConfigNode]>({
      icon: 'eye',
      palette: canReachClusters,
      menus: {
        'view/title': { '1_keys@2': all(inView('muster.config'), canReachClusters) },
        'view/item/context': {
          'inline@2': all(onRow('muster.config', /^etcd(Cluster|Folder)/), isTrusted),
          '1_watch@1': all(onRow('muster.config', /^etcd(Cluster|Folder|Key)/), isTrusted),
        },
      },
    }),
    'muster.watchPrefixFrom': command<[row?: ConfigNode]>({
      palette: canReachClusters,
      menus: {
        'view/item/context': {
          '1_watch@2': all(onRow('muster.config', /^etcd(Cluster|Folder|Key)/), isTrusted),
        },
      },
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
