import { command, type Contribution, type ArgumentsIn } from '../../../shell/editor/manifest/contribution';
import { all, not, inView, onRow, isTrusted } from '../../../shell/editor/manifest/whenClauses';
import { shellContext, canReachHosts } from '../../../shell/editor/contextKeys';
import type { HostsArguments } from '../../../shell/editor/hosts/hostsArguments';
import type { HostsNode } from '../../../shell/editor/hosts/hostNodes';

declare module '../../../shell/editor/commands/musterCommands' {
  interface MusterCommands extends ArgumentsIn<typeof checksContribution.commands> {}
}

export const checksContribution = {
  commands: {
    'muster.checkAll': command({
      icon: 'run-all',
      palette: canReachHosts,
      menus: {
        'view/title': { 'navigation@1': all(inView('muster.hosts'), canReachHosts, not(shellContext.busy)) },
      },
    }),
    'muster.check': command<HostsArguments>({
      icon: 'play',
      palette: canReachHosts,
      menus: {
        'view/item/context': {
          'inline@1': all(inView('muster.hosts'), `viewItem != forward`, isTrusted),
          '1_work@1': all(inView('muster.hosts'), `viewItem != forward`, isTrusted),
        },
      },
    }),
    'muster.showHistory': command<[row?: HostsNode]>({
      icon: 'history',
      palette: shellContext.hasInventory,
      menus: { 'view/item/context': { '1_work@4': onRow('muster.hosts', /^(host|check)\b/) } },
    }),
    'muster.clearHistory': command({
      palette: shellContext.hasInventory,
      menus: { 'view/title': { '3_rest@3': all(inView('muster.hosts'), shellContext.hasInventory) } },
    }),
    'muster.checkAutomatically': command({
      icon: 'watch',
      palette: canReachHosts,
      menus: { 'view/title': { '1_checks@1': all(inView('muster.hosts'), canReachHosts) } },
    }),
  },
  settings: {
    checks: {
      'muster.checks.staleAfter': {
        order: 2,
        type: 'string',
        default: '1h',
        pattern: '^(\\d+(\\.\\d{1,3})?(ms|s|m|h|d))?$',
        patternErrorMessage: '%setting.timeout.pattern%',
        scope: 'window',
      },
      'muster.autoCheck.interval': {
        order: 3,
        type: 'string',
        default: '',
        pattern: '^(\\d+(\\.\\d{1,3})?(ms|s|m|h|d))?$',
        patternErrorMessage: '%setting.timeout.pattern%',
        scope: 'window',
      },
      'muster.notifications.stateChanges': {
        order: 4,
        type: 'string',
        enum: ['off', 'autoCheck', 'always'],
        default: 'autoCheck',
        scope: 'window',
      },
    },
  },
  walkthrough: { check: ['muster.checkAll'] },
} satisfies Contribution;
