import { type ArgumentsIn, command, type Contribution, type Rows } from '../../../shell/editor/manifest/contribution';
import { all, onRow, matches, isTrusted } from '../../../shell/editor/manifest/whenClauses';
import { canReachHosts } from '../../../shell/editor/contextKeys';
import type { HostsArguments } from '../../../shell/editor/hosts/hostsArguments';
import type { Uri } from 'vscode';
import type { HostsNode } from '../../../shell/editor/hosts/hostNodes';
import type { RunsNode } from '../../runs/editor/view/runNodes';

/** What the menu of a line gives. */
type LogLine = [context?: { musterLogs?: number }];

declare module '../../../shell/editor/commands/musterCommands' {
  interface MusterCommands extends ArgumentsIn<typeof logsContribution.commands> {}
}

export const logsContribution = {
  commands: {
    'muster.followLogs': command<HostsArguments>({
      icon: 'output',
      palette: canReachHosts,
      menus: {
        'view/item/context': { '1_work@8': all(onRow('muster.hosts', /^(group|fleet|host)\b/), isTrusted) },
      },
    }),
    'muster.showLogsAt': command<Rows<HostsNode | RunsNode>>({
      icon: 'history',
      palette: false,
      menus: {
        'view/item/context': {
          '1_work@9': all(onRow('muster.hosts', /^(host|check)\b/), isTrusted),
          '0_open@5': all(onRow('muster.runs', /^run(Group|Host|-.*)$/), isTrusted),
        },
      },
    }),
    'muster.copyLogLines': command<LogLine>({
      palette: `activeWebviewPanelId == 'muster.logs'`,
      menus: {
        'webview/context': { '1_line@1': all(`webviewId == 'muster.logs'`, `webviewSection == 'logLine'`) },
      },
    }),
    'muster.openLogLines': command<LogLine>({
      palette: `activeWebviewPanelId == 'muster.logs'`,
      menus: {
        'webview/context': { '1_line@2': all(`webviewId == 'muster.logs'`, `webviewSection == 'logLine'`) },
      },
    }),
    'muster.bookmarkLogLine': command<LogLine>({
      palette: `activeWebviewPanelId == 'muster.logs'`,
      menus: {
        'webview/context': { '2_mark@1': all(`webviewId == 'muster.logs'`, `webviewSection == 'logLine'`) },
      },
    }),
    'muster.pinLogLine': command<LogLine>({
      palette: `activeWebviewPanelId == 'muster.logs'`,
      menus: {
        'webview/context': { '2_mark@2': all(`webviewId == 'muster.logs'`, `webviewSection == 'logLine'`) },
      },
    }),
    'muster.onlyLogHost': command<LogLine>({
      palette: `activeWebviewPanelId == 'muster.logs'`,
      menus: {
        'webview/context': { '3_filter@1': all(`webviewId == 'muster.logs'`, `webviewSection == 'logLine'`) },
      },
    }),
    'muster.filterLogField': command<LogLine>({
      palette: `activeWebviewPanelId == 'muster.logs'`,
      menus: {
        'webview/context': { '3_filter@2': all(`webviewId == 'muster.logs'`, `webviewSection == 'logLine'`) },
      },
    }),
    'muster.correlateLog': command<LogLine>({
      palette: `activeWebviewPanelId == 'muster.logs'`,
      menus: {
        'webview/context': { '3_filter@3': all(`webviewId == 'muster.logs'`, `webviewSection == 'logLine'`) },
      },
    }),
    'muster.openLogFrame': command<LogLine>({
      palette: `activeWebviewPanelId == 'muster.logs'`,
      menus: {
        'webview/context': { '1_line@3': all(`webviewId == 'muster.logs'`, `webviewSection == 'logLine'`) },
      },
    }),
    'muster.openHostLog': command<HostsArguments>({
      palette: canReachHosts,
      menus: { 'view/item/context': { '1_work@10': all(onRow('muster.hosts', /^host\b/), isTrusted) } },
    }),
    'muster.downloadHostFile': command<HostsArguments>({
      palette: canReachHosts,
      menus: { 'view/item/context': { '1_work@11': all(onRow('muster.hosts', /^host\b/), isTrusted) } },
    }),
    'muster.openAsLog': command<[file?: Uri]>({
      menus: {
        'explorer/context': {
          '2_workspace@9': all(
            matches('resourceScheme', 'file'),
            `!explorerResourceIsFolder`,
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
        selector: [
          { filenamePattern: '*.log' },
          { filenamePattern: '*.log.*' },
          { filenamePattern: '*.out' },
          { filenamePattern: '*.err' },
          { filenamePattern: '*.jsonl' },
          { filenamePattern: '*.ndjson' },
        ],
      },
    ],
  },
} satisfies Contribution;
