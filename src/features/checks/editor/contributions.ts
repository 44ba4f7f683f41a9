import { shellContext } from '../../../shell/editor/contextKeys';
import {
  canReachHosts,
  inHosts,
  onHostOrCheck,
  onHostsOrChecks,
} from '../../../shell/editor/hosts/hostClauses';
import type { HostsArguments } from '../../../shell/editor/hosts/hostsArguments';
import type { HostsNode } from '../../../shell/editor/hosts/hostNodes';
import {
  type ArgumentsIn,
  command,
  type Contribution,
  duration,
} from '../../../shell/editor/manifest/contribution';
import { all, isTrusted, not } from '../../../shell/editor/manifest/whenClauses';

declare module '../../../shell/editor/commands/musterCommands' {
  interface MusterCommands extends ArgumentsIn<typeof checksContribution.commands> {}
}

export const checksContribution = {
  commands: {
    'muster.checkAll': command({
      icon: 'run-all',
      palette: canReachHosts,
      menus: { 'view/title': { 'navigation@1': all(inHosts, canReachHosts, not(shellContext.busy)) } },
    }),
    'muster.check': command<HostsArguments>({
      icon: 'play',
      palette: canReachHosts,
      menus: {
        'view/item/context': {
          'inline@1': all(onHostsOrChecks, isTrusted),
          '1_work@1': all(onHostsOrChecks, isTrusted),
        },
      },
    }),
    'muster.showHistory': command<[row?: HostsNode]>({
      icon: 'history',
      palette: shellContext.hasInventory,
      menus: { 'view/item/context': { '1_work@4': onHostOrCheck } },
    }),
    'muster.clearHistory': command({
      palette: shellContext.hasInventory,
      menus: { 'view/title': { '3_rest@3': all(inHosts, shellContext.hasInventory) } },
    }),
    'muster.checkAutomatically': command({
      icon: 'watch',
      palette: canReachHosts,
      menus: { 'view/title': { '1_checks@1': all(inHosts, canReachHosts) } },
    }),
  },
  settings: {
    checks: {
      'muster.checks.staleAfter': { order: 2, ...duration, default: '1h', scope: 'window' },
      'muster.autoCheck.interval': { order: 3, ...duration, default: '', scope: 'window' },
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
