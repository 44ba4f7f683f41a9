import type { Uri } from 'vscode';
import { canReachHosts, onHostsOrChecks } from '../../../shell/editor/hosts/hostClauses';
import type { HostsArguments } from '../../../shell/editor/hosts/hostsArguments';
import {
  type ArgumentsIn,
  command,
  type Contribution,
  filesNamed,
  type Rows,
} from '../../../shell/editor/manifest/contribution';
import { all, inView, isTrusted, matches, not, onRow } from '../../../shell/editor/manifest/whenClauses';
import type { SourceFrame } from '../core/sources/sourcePath';
import type { ShownFrame, ShownLabel } from '../protocol/flameGraph';
import { profileName } from './list/profileName';
import type { ProfilesNode } from './list/profileNodes';
import { profilesContext } from './contextKeys';

declare module '../../../shell/editor/commands/musterCommands' {
  interface MusterCommands extends ArgumentsIn<typeof profilesContribution.commands> {}
}

const inProfiles = inView('muster.profiles');
const onProfiles = (kind: string | RegExp) => onRow('muster.profiles', kind);
const onProfile = onProfiles(/^profile-(capture|file)$/);
const onFunction = onProfiles('profileFunction');

const isProfile = matches('resourceFilename', profileName);
const inFlameGraph = matches('activeCustomEditorId', /^muster\.flameGraph/);
const inProfileComparison = matches('activeWebviewPanelId', 'muster.profileComparison');

export const profilesContribution = {
  category: 'Muster Profiles',
  contextKeys: profilesContext,
  commands: {
    'muster.openProfile': command<[uri?: Uri]>({
      icon: 'folder-opened',
      menus: { 'view/title': { 'navigation@2': inProfiles } },
    }),
    'muster.profileExtensionHost': command({ icon: 'record' }),
    'muster.openProfileFunction': command<[row: ProfilesNode]>({
      icon: 'go-to-file',
      palette: false,
      menus: { 'view/item/context': { '1_open@1': onFunction } },
    }),
    'muster.revealInFlameGraph': command<[row: ProfilesNode]>({
      icon: 'flame',
      palette: false,
      menus: { 'view/item/context': { 'inline@1': onFunction, '1_open@2': onFunction } },
    }),
    'muster.compareListedProfiles': command<Rows<ProfilesNode>>({
      icon: 'diff',
      palette: false,
      menus: { 'view/item/context': { '1_open@3': onProfile } },
    }),
    'muster.removeProfile': command<Rows<ProfilesNode>>({
      icon: 'trash',
      palette: false,
      menus: { 'view/item/context': { '3_remove@1': onProfile } },
    }),
    'muster.saveProfile': command<[row?: ProfilesNode]>({
      icon: 'save-as',
      menus: { 'view/item/context': { '2_keep@1': onProfile } },
    }),
    'muster.copyProfileMarkdown': command<[row?: ProfilesNode]>({
      icon: 'copy',
      menus: {
        'view/item/context': {
          '2_keep@2': onProfiles(
            /^(profile-(capture|file)|profileValueType|profileLabelValue|profileSection-hot)$/,
          ),
        },
      },
    }),
    'muster.selectValueType': command<[row?: ProfilesNode]>({
      icon: 'eye',
      palette: profilesContext.hasActiveProfile,
      menus: {
        'view/title': { '1_editor@1': all(inProfiles, profilesContext.hasActiveProfile) },
        'view/item/context': {
          '1_open@2': onProfiles(/^profile(-(capture|file)|ValueType)$/),
          'inline@1': onProfiles('profileValueType'),
        },
      },
    }),
    'muster.showInProfile': command<[profile?: Uri, frame?: SourceFrame]>({
      icon: 'flame',
      palette: 'editorIsOpen',
      menus: {
        'editor/context': {
          'navigation@90': all(profilesContext.hasActiveProfile, matches('resourceScheme', 'file')),
        },
      },
    }),
    'muster.toggleLineHeat': command({
      icon: 'color-mode',
      menus: { 'view/title': { '1_editor@2': inProfiles } },
    }),
    'muster.showMyCodeOnly': command({
      icon: 'filter',
      palette: not(profilesContext.profilesMineOnly),
      menus: { 'view/title': { 'navigation@3': all(inProfiles, not(profilesContext.profilesMineOnly)) } },
    }),
    'muster.showAllCode': command({
      icon: 'filter-filled',
      palette: profilesContext.profilesMineOnly,
      menus: { 'view/title': { 'navigation@3': all(inProfiles, profilesContext.profilesMineOnly) } },
    }),
    'muster.showMoreFunctions': command<[row: ProfilesNode]>({ icon: 'ellipsis', palette: false }),
    'muster.openFlameGraph': command<[what?: ProfilesNode | Uri]>({
      icon: 'flame',
      menus: {
        'view/item/context': {
          'inline@1': onProfiles(/^(profile-(capture|file)|profileLabelValue)$/),
          '1_open@1': onProfiles(/^(profile-(capture|file)|profileLabelValue)$/),
        },
        'explorer/context': { 'navigation@90': all(not('explorerResourceIsFolder'), isProfile) },
        'editor/title': { navigation: all(isProfile, not(inFlameGraph)) },
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
        'view/title': { 'navigation@1': all(inProfiles, canReachHosts) },
        'view/item/context': { '1_work@3': all(onHostsOrChecks, isTrusted) },
      },
    }),
    'muster.openSelectedFrame': command({
      palette: inFlameGraph,
      keybinding: { key: 'f12', when: inFlameGraph },
    }),
    'muster.expandSelectedFrame': command({
      palette: inFlameGraph,
    }),
    'muster.drawWholeProfile': command({ palette: inFlameGraph }),
    'muster.revealFrame': command<[profile: Uri, frame: ShownFrame | undefined, label?: ShownLabel]>({
      palette: false,
    }),
    'muster.compareProfiles': command<[first?: Uri, others?: readonly Uri[]]>({
      icon: 'diff',
      menus: {
        'explorer/context': { '3_compare@90': all(not('explorerResourceIsFolder'), isProfile) },
        'editor/title': { navigation: inFlameGraph },
      },
    }),
    'muster.swapProfiles': command({
      icon: 'arrow-swap',
      palette: inProfileComparison,
      menus: { 'editor/title': { navigation: inProfileComparison } },
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
        selector: filesNamed(
          '*.speedscope.json',
          '*.pprof',
          '*.pb.gz',
          '*.folded',
          '*.collapsed',
          '*.perf.txt',
        ),
      },
      {
        viewType: 'muster.flameGraph.option',
        displayName: '%customEditor.flameGraph%',
        priority: 'option',
        selector: filesNamed(
          '*.cpuprofile',
          '*.heapprofile',
          '*.json',
          '*.jfr',
          '*.svg',
          '*.prof',
          '*.pb',
          '*.perf',
          '*.txt',
          '*.gz',
        ),
      },
    ],
  },
} satisfies Contribution;
