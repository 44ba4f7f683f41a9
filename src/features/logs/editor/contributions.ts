import type { Uri } from 'vscode';
import { canReachHosts, onHost, onHostOrCheck, onHosts } from '../../../shell/editor/hosts/hostClauses';
import type { HostsArguments } from '../../../shell/editor/hosts/hostsArguments';
import type { HostsNode } from '../../../shell/editor/hosts/hostNodes';
import {
  type ArgumentsIn,
  command,
  type Contribution,
  filesNamed,
  type Rows,
} from '../../../shell/editor/manifest/contribution';
import { all, inView, isTrusted, matches, not } from '../../../shell/editor/manifest/whenClauses';
import type { LogsMoment } from './logsMoment';
import type { RunsNode } from '../../runs/editor/view/runNodes';

/** What the menu of a line gives. */
type LogLine = [context?: { musterLogs?: number }];

declare module '../../../shell/editor/commands/musterCommands' {
  interface MusterCommands extends ArgumentsIn<typeof logsContribution.commands> {}
}

/** In the menu of a line, and in the palette for the one that has the focus. */
const lineCommand = (group: string) =>
  command<LogLine>({
    palette: matches('activeWebviewPanelId', 'muster.logs'),
    menus: {
      'webview/context': {
        [group]: all(matches('webviewId', 'muster.logs'), matches('webviewSection', 'logLine')),
      },
    },
  });

export const logsContribution = {
  category: 'Muster Logs',
  commands: {
    'muster.followLogs': command<HostsArguments>({
      icon: 'output',
      palette: canReachHosts,
      menus: { 'view/item/context': { '1_work@8': all(onHosts, isTrusted) } },
    }),
    'muster.showLogsAt': command<Rows<HostsNode | RunsNode> | [moment: LogsMoment]>({
      icon: 'history',
      palette: false,
      menus: {
        'view/item/context': {
          '1_work@9': all(onHostOrCheck, isTrusted),
          '0_open@5': all(inView('muster.runs'), isTrusted),
        },
      },
    }),
    'muster.copyLogLines': lineCommand('1_line@1'),
    'muster.openLogLines': lineCommand('1_line@2'),
    'muster.bookmarkLogLine': lineCommand('2_mark@1'),
    'muster.pinLogLine': lineCommand('2_mark@2'),
    'muster.onlyLogHost': lineCommand('3_filter@1'),
    'muster.filterLogField': lineCommand('3_filter@2'),
    'muster.correlateLog': lineCommand('3_filter@3'),
    'muster.openLogFrame': lineCommand('1_line@3'),
    'muster.openHostLog': command<HostsArguments>({
      palette: canReachHosts,
      menus: { 'view/item/context': { '1_work@10': all(onHost, isTrusted) } },
    }),
    'muster.downloadHostFile': command<HostsArguments>({
      category: 'Muster',
      palette: canReachHosts,
      menus: { 'view/item/context': { '1_work@11': all(onHost, isTrusted) } },
    }),
    'muster.openAsLog': command<[file?: Uri]>({
      menus: {
        'explorer/context': {
          '2_workspace@9': all(
            matches('resourceScheme', 'file'),
            not('explorerResourceIsFolder'),
            matches('resourceFilename', /\.(log|out|err|txt|jsonl|ndjson)(\.[0-9]+)?$|^(syslog|messages)/),
          ),
        },
      },
    }),
  },
  settings: {
    logs: {
      'muster.logs.memory': {
        order: 0,
        type: 'integer',
        default: 256,
        minimum: 16,
        maximum: 8192,
        scope: 'window',
      },
      'muster.logs.correlationFields': {
        order: 1,
        type: 'array',
        items: { type: 'string' },
        default: ['trace_id', 'request_id', 'correlation_id', 'order_id', 'session_id', 'user_id'],
        scope: 'window',
      },
    },
  },
  others: {
    customEditors: [
      {
        viewType: 'muster.logFile',
        displayName: '%customEditor.logFile%',
        priority: 'option',
        selector: filesNamed('*.log', '*.log.*', '*.out', '*.err', '*.jsonl', '*.ndjson'),
      },
    ],
  },
} satisfies Contribution;
