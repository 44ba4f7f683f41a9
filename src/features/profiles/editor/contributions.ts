import {
  command,
  type Contribution,
  type ArgumentsIn,
  type Rows,
} from '../../../shell/editor/manifest/contribution';
import { all, not, inView, onRow, matches, isTrusted } from '../../../shell/editor/manifest/whenClauses';
import { profilesContext } from './contextKeys';
import { canReachHosts } from '../../../shell/editor/contextKeys';
import type { HostsArguments } from '../../../shell/editor/hosts/hostsArguments';
import type { Uri } from 'vscode';
import type { SourceFrame } from '../core/sources/sourcePath';
import type { ShownFrame, ShownLabel } from '../protocol/flameGraph';
import type { ProfilesNode } from './list/profileNodes';

declare module '../../../shell/editor/commands/musterCommands' {
  interface MusterCommands extends ArgumentsIn<typeof profilesContribution.commands> {}
}

export const profilesContribution = {
  contextKeys: profilesContext,
  commands: {
    'muster.openProfile': command<[uri?: Uri]>({
      icon: 'folder-opened',
      menus: { 'view/title': { 'navigation@2': inView('muster.profiles') } },
    }),
    'muster.openProfileFunction': command<[row: ProfilesNode]>({
      icon: 'go-to-file',
      palette: false,
      menus: { 'view/item/context': { '1_open@1': onRow('muster.profiles', 'profileFunction') } },
    }),
    'muster.revealInFlameGraph': command<[row: ProfilesNode]>({
      icon: 'flame',
      palette: false,
      menus: {
        'view/item/context': {
          'inline@1': onRow('muster.profiles', 'profileFunction'),
          '1_open@2': onRow('muster.profiles', 'profileFunction'),
        },
      },
    }),
    'muster.compareListedProfiles': command<Rows<ProfilesNode>>({
      icon: 'diff',
      palette: false,
      menus: { 'view/item/context': { '1_open@3': onRow('muster.profiles', /^profile-(capture|file)$/) } },
    }),
    'muster.removeProfile': command<Rows<ProfilesNode>>({
      icon: 'trash',
      palette: false,
      menus: { 'view/item/context': { '3_remove@1': onRow('muster.profiles', /^profile-(capture|file)$/) } },
    }),
    'muster.saveProfile': command<[row?: ProfilesNode]>({
      icon: 'save-as',
      menus: { 'view/item/context': { '2_keep@1': onRow('muster.profiles', /^profile-(capture|file)$/) } },
    }),
    'muster.copyProfileMarkdown': command<[row?: ProfilesNode]>({
      icon: 'copy',
      menus: {
        'view/item/context': {
          '2_keep@2': onRow(
            'muster.profiles',
            /^(profile-(capture|file)|profileValueType|profileLabelValue|profileSection-hot)$/,
          ),
        },
      },
    }),
    'muster.selectValueType': command<[row?: ProfilesNode]>({
      icon: 'eye',
      palette: profilesContext.hasActiveProfile,
      menus: {
        'view/title': { '1_editor@1': all(inView('muster.profiles'), profilesContext.hasActiveProfile) },
        'view/item/context': {
          '1_open@2': onRow('muster.profiles', /^profile(-(capture|file)|ValueType)$/),
          'inline@1': onRow('muster.profiles', 'profileValueType'),
        },
      },
    }),
    'muster.showInProfile': command<[profile?: Uri, frame?: SourceFrame]>({
      icon: 'flame',
      palette: `editorIsOpen`,
      menus: {
        'editor/context': {
          'navigation@90': all(profilesContext.hasActiveProfile, matches('resourceScheme', 'file')),
        },
      },
    }),
    'muster.toggleLineHeat': command({
      icon: 'color-mode',
      menus: { 'view/title': { '1_editor@2': inView('muster.profiles') } },
    }),
    'muster.showMyCodeOnly': command({
      icon: 'filter',
      palette: not(profilesContext.profilesMineOnly),
      menus: {
        'view/title': {
          'navigation@3': all(inView('muster.profiles'), not(profilesContext.profilesMineOnly)),
        },
      },
    }),
    'muster.showAllCode': command({
      icon: 'filter-filled',
      palette: profilesContext.profilesMineOnly,
      menus: {
        'view/title': { 'navigation@3': all(inView('muster.profiles'), profilesContext.profilesMineOnly) },
      },
    }),
    'muster.showMoreFunctions': command<[row: ProfilesNode]>({ icon: 'ellipsis', palette: false }),
    'muster.openFlameGraph': command<[what?: ProfilesNode | Uri]>({
      icon: 'flame',
      menus: {
        'view/item/context': {
          'inline@1': onRow('muster.profiles', /^(profile-(capture|file)|profileLabelValue)$/),
          '1_open@1': onRow('muster.profiles', /^(profile-(capture|file)|profileLabelValue)$/),
        },
        'explorer/context': {
          'navigation@90': all(
            `!explorerResourceIsFolder`,
            matches(
              'resourceFilename',
              /\.(pprof|prof|pb|folded|collapsed|perf|perf\.txt|speedscope\.json|cpuprofile|heapprofile|jfr)(\.gz)?$|(trace|profile|flame)[^/]*\.(json|svg|txt)(\.gz)?$/i,
            ),
          ),
        },
        'editor/title': {
          navigation: all(
            matches(
              'resourceFilename',
              /\.(pprof|prof|pb|folded|collapsed|perf|perf\.txt|speedscope\.json|cpuprofile|heapprofile|jfr)(\.gz)?$|(trace|profile|flame)[^/]*\.(json|svg|txt)(\.gz)?$/i,
            ),
            `!(activeCustomEditorId =~ /^muster\\.flameGraph/)`,
          ),
        },
      },
    }),
    'muster.openFrameSource': command<[frame: SourceFrame, profile?: Uri]>({
      icon: 'go-to-file',
      palette: false,
    }),
    'muster.captureProfile': command<HostsArguments>({
      icon: 'flame',
      palette: canReachHosts,
      menus: {
        'view/title': { 'navigation@1': all(inView('muster.profiles'), canReachHosts) },
        'view/item/context': { '1_work@3': all(inView('muster.hosts'), `viewItem != forward`, isTrusted) },
      },
    }),
    'muster.openSelectedFrame': command({
      palette: matches('activeCustomEditorId', /^muster\.flameGraph/),
      keybinding: { key: 'f12', when: matches('activeCustomEditorId', /^muster\.flameGraph/) },
    }),
    'muster.expandSelectedFrame': command({
      palette: matches('activeCustomEditorId', /^muster\.flameGraph/),
    }),
    'muster.drawWholeProfile': command({ palette: matches('activeCustomEditorId', /^muster\.flameGraph/) }),
    'muster.revealFrame': command<[profile: Uri, frame: ShownFrame | undefined, label?: ShownLabel]>({
      palette: false,
    }),
    'muster.compareProfiles': command<[first?: Uri, others?: readonly Uri[]]>({
      icon: 'diff',
      menus: {
        'explorer/context': {
          '3_compare@90': all(
            `!explorerResourceIsFolder`,
            matches(
              'resourceFilename',
              /\.(pprof|prof|pb|folded|collapsed|perf|perf\.txt|speedscope\.json|cpuprofile|heapprofile|jfr)(\.gz)?$|(trace|profile|flame)[^/]*\.(json|svg|txt)(\.gz)?$/i,
            ),
          ),
        },
        'editor/title': { navigation: matches('activeCustomEditorId', /^muster\.flameGraph/) },
      },
    }),
    'muster.swapProfiles': command({
      icon: 'arrow-swap',
      palette: `activeWebviewPanelId == 'muster.profileComparison'`,
      menus: { 'editor/title': { navigation: `activeWebviewPanelId == 'muster.profileComparison'` } },
    }),
  },
  views: {
    'muster.profiles': {
      icon: 'flame',
      size: 1,
      visibility: 'collapsed',
      welcomes: [{ text: 'noProfiles' }, { text: 'captureProfile', when: canReachHosts }],
    },
  },
  settings: {
    profiles: {
      'muster.profiles.pathMappings': {
        order: 1,
        type: 'object',
        additionalProperties: { type: 'string' },
        default: {},
        scope: 'resource',
      },
      'muster.profiles.showHeat': { order: 2, type: 'boolean', default: true, scope: 'resource' },
      'muster.profiles.maxCount': {
        order: 3,
        type: 'integer',
        minimum: 1,
        maximum: 10000,
        default: 100,
        scope: 'window',
      },
      'muster.profiles.maxSize': {
        order: 4,
        type: 'integer',
        minimum: 1,
        maximum: 100000,
        default: 1000,
        scope: 'window',
      },
    },
  },
  others: {
    customEditors: [
      {
        viewType: 'muster.flameGraph',
        displayName: '%customEditor.flameGraph%',
        priority: 'default',
        selector: [
          { filenamePattern: '*.speedscope.json' },
          { filenamePattern: '*.pprof' },
          { filenamePattern: '*.pb.gz' },
          { filenamePattern: '*.folded' },
          { filenamePattern: '*.collapsed' },
          { filenamePattern: '*.perf.txt' },
        ],
      },
      {
        viewType: 'muster.flameGraph.option',
        displayName: '%customEditor.flameGraph%',
        priority: 'option',
        selector: [
          { filenamePattern: '*.cpuprofile' },
          { filenamePattern: '*.heapprofile' },
          { filenamePattern: '*.json' },
          { filenamePattern: '*.jfr' },
          { filenamePattern: '*.svg' },
          { filenamePattern: '*.prof' },
          { filenamePattern: '*.pb' },
          { filenamePattern: '*.perf' },
          { filenamePattern: '*.txt' },
          { filenamePattern: '*.gz' },
        ],
      },
    ],
  },
} satisfies Contribution;
