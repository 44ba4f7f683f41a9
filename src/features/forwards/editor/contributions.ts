import { command, type Contribution, type ArgumentsIn } from '../../../shell/editor/manifest/contribution';
import { all, onRow, isTrusted } from '../../../shell/editor/manifest/whenClauses';
import { forwardsContext } from './contextKeys';
import { canReachHosts } from '../../../shell/editor/contextKeys';
import type { HostsNode } from '../../../shell/editor/hosts/hostNodes';

declare module '../../../shell/editor/commands/musterCommands' {
  interface MusterCommands extends ArgumentsIn<typeof forwardsContribution.commands> {}
}

export const forwardsContribution = {
  contextKeys: forwardsContext,
  commands: {
    'muster.forwardPort': command<[row?: HostsNode]>({
      icon: 'plug',
      palette: canReachHosts,
      menus: { 'view/item/context': { '1_work@5': all(onRow('muster.hosts', /^host\b/), isTrusted) } },
    }),
    'muster.openForward': command<[row?: HostsNode]>({
      icon: 'globe',
      palette: forwardsContext.forwarding,
      menus: {
        'view/item/context': {
          'inline@1': onRow('muster.hosts', 'forward'),
          '1_work@1': onRow('muster.hosts', 'forward'),
        },
      },
    }),
    'muster.copyForwardUrl': command<[row?: HostsNode]>({
      icon: 'copy',
      palette: forwardsContext.forwarding,
      menus: { 'view/item/context': { '1_work@2': onRow('muster.hosts', 'forward') } },
    }),
    'muster.stopForward': command<[row?: HostsNode]>({
      icon: 'close',
      palette: forwardsContext.forwarding,
      menus: {
        'view/item/context': {
          'inline@2': onRow('muster.hosts', 'forward'),
          '1_work@3': onRow('muster.hosts', 'forward'),
        },
      },
    }),
    'muster.stopAllForwards': command({
      palette: forwardsContext.forwarding,
      menus: { 'view/item/context': { '1_work@4': onRow('muster.hosts', 'forward') } },
    }),
  },
} satisfies Contribution;
