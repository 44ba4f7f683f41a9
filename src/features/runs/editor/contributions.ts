import type { Uri } from 'vscode';
import { canReachHosts, inHosts, onHostsOrChecks } from '../../../shell/editor/hosts/hostClauses';
import type { HostsNode } from '../../../shell/editor/hosts/hostNodes';
import {
  type ArgumentsIn,
  command,
  type Contribution,
  type Rows,
} from '../../../shell/editor/manifest/contribution';
import {
  all,
  any,
  inView,
  isTrusted,
  matches,
  not,
  oneOf,
  onRow,
} from '../../../shell/editor/manifest/whenClauses';
import type { RunArguments } from '../../../shell/editor/commands/runArguments';
import type { RunsNode } from './view/runNodes';

declare module '../../../shell/editor/commands/musterCommands' {
  interface MusterCommands extends ArgumentsIn<typeof runsContribution.commands> {}
}

const inRuns = inView('muster.runs');
const onRuns = (kind: string | RegExp) => onRow('muster.runs', kind);
const onEnded = onRuns(/^run-(ended|interrupted)$/);

const isScript = matches('resourceExtname', /^\.(sh|bash|zsh|ksh|py|pl|rb|js|mjs|php|lua)$/);

export const runsContribution = {
  category: 'Muster Runs',
  commands: {
    'muster.runSelection': command({
      palette: all(canReachHosts, 'editorHasSelection'),
      menus: { 'editor/context': { '5_muster@2': all(canReachHosts, 'editorHasSelection') } },
    }),
    'muster.run': command<[what?: HostsNode | Partial<RunArguments>, selected?: readonly HostsNode[]]>({
      icon: 'server-process',
      palette: canReachHosts,
      menus: {
        'view/title': { 'navigation@2': all(inHosts, canReachHosts) },
        'view/item/context': { '1_work@2': all(onHostsOrChecks, isTrusted) },
      },
    }),
    'muster.runScript': command<[script?: Uri]>({
      icon: 'server-process',
      palette: all(canReachHosts, 'editorIsOpen'),
      menus: {
        'editor/context': {
          '5_muster@1': all(
            canReachHosts,
            not('editorHasSelection'),
            any(
              matches(
                'editorLangId',
                oneOf('shellscript', 'python', 'perl', 'ruby', 'javascript', 'php', 'lua'),
              ),
              isScript,
            ),
          ),
        },
        'explorer/context': { '5_muster@1': all(canReachHosts, not('explorerResourceIsFolder'), isScript) },
      },
    }),
    'muster.openRunOutput': command<[row?: RunsNode]>({
      icon: 'output',
      menus: {
        'view/item/context': { '0_open@1': onRuns(/^run(Group|Host)$/), 'inline@1': onRuns('runHost') },
      },
    }),
    'muster.openHostOutput': command<[row?: RunsNode]>({
      menus: { 'view/item/context': { '0_open@2': onRuns(/^run-/) } },
    }),
    'muster.compareRunGroups': command<Partial<Rows<RunsNode>>>({
      icon: 'diff',
      menus: {
        'view/item/context': { '0_open@3': onRuns(/^run(Group|-.*)$/), 'inline@2': onRuns('runGroup') },
      },
    }),
    'muster.rerun': command<[row?: RunsNode]>({
      icon: 'debug-restart',
      palette: canReachHosts,
      menus: {
        'view/item/context': { 'inline@1': all(onEnded, isTrusted), '1_run@1': all(onEnded, isTrusted) },
      },
    }),
    'muster.rerunFailed': command<[row?: RunsNode]>({
      icon: 'debug-rerun',
      palette: canReachHosts,
      menus: { 'view/item/context': { '1_run@2': all(onEnded, isTrusted) } },
    }),
    'muster.rerunGroup': command<[row: RunsNode]>({
      icon: 'debug-restart',
      palette: false,
      menus: { 'view/item/context': { '1_run@3': all(onRuns('runGroup'), isTrusted) } },
    }),
    'muster.cancelRun': command<[row: RunsNode]>({
      icon: 'stop-circle',
      palette: false,
      menus: { 'view/item/context': { 'inline@1': onRuns('run-running'), '1_run@1': onRuns('run-running') } },
    }),
    'muster.saveRunOutput': command<[row?: RunsNode]>({
      icon: 'save-all',
      menus: { 'view/item/context': { '2_keep@1': onRuns(/^run-/) } },
    }),
    'muster.copyRunMarkdown': command<[row?: RunsNode]>({
      icon: 'copy',
      menus: { 'view/item/context': { '2_keep@2': onRuns(/^run(Group|-.*)$/) } },
    }),
    'muster.searchRunOutput': command<[row?: RunsNode]>({
      icon: 'search',
      menus: {
        'view/title': { 'navigation@1': inRuns },
        'view/item/context': { '0_open@4': onRuns(/^run-/) },
      },
    }),
    'muster.removeRun': command<Rows<RunsNode>>({
      icon: 'trash',
      palette: false,
      menus: { 'view/item/context': { '3_remove@1': onEnded } },
    }),
    'muster.clearRuns': command({
      icon: 'clear-all',
      menus: { 'view/title': { '2_history@1': inRuns } },
    }),
    'muster.toggleRunColours': command({ menus: { 'view/title': { '1_colours@1': inRuns } } }),
  },
  views: {
    'muster.runs': { icon: 'history', size: 2, visibility: 'collapsed', welcomes: [{ text: 'noRuns' }] },
  },
  settings: {
    runs: {
      'muster.snippets': {
        order: 1,
        type: 'array',
        default: [],
        maxItems: 500,
        items: {
          type: 'object',
          required: ['name', 'command'],
          additionalProperties: false,
          properties: {
            name: { type: 'string', minLength: 1, markdownDescription: '%setting.snippets.name%' },
            command: { type: 'string', minLength: 1, markdownDescription: '%setting.snippets.command%' },
            selector: { type: 'string', markdownDescription: '%setting.snippets.selector%' },
          },
        },
        scope: 'window',
      },
      'muster.runs.maxCount': {
        order: 3,
        type: 'integer',
        minimum: 1,
        maximum: 10000,
        default: 100,
        scope: 'window',
      },
      'muster.runs.maxSize': {
        order: 4,
        type: 'integer',
        minimum: 1,
        maximum: 100000,
        default: 100,
        scope: 'window',
      },
    },
  },
  walkthrough: { run: ['muster.run'] },
  others: {
    languages: [
      {
        id: 'muster-run',
        aliases: ['Muster Run'],
        filenamePatterns: ['**/*.muster-run/*', '**/*.muster-history/*'],
      },
    ],
    grammars: [
      { language: 'muster-run', scopeName: 'text.muster-run', path: './media/muster-run.tmLanguage.json' },
    ],
  },
} satisfies Contribution;
