import { canReachHosts, inHosts, onHost } from '../../../shell/editor/hosts/hostClauses';
import type { HostsNode } from '../../../shell/editor/hosts/hostNodes';
import { type ArgumentsIn, command, type Contribution } from '../../../shell/editor/manifest/contribution';
import { all, isTrusted, matches } from '../../../shell/editor/manifest/whenClauses';
import { forwardsContext } from './contextKeys';

declare module '../../../shell/editor/commands/musterCommands' {
  interface MusterCommands extends ArgumentsIn<typeof forwardsContribution.commands> {}
}

const onForward = all(inHosts, matches('viewItem', 'forward'));

export const forwardsContribution = {
  contextKeys: forwardsContext,
  commands: {
    'muster.forwardPort': command<[row?: HostsNode]>({
      icon: 'plug',
      palette: canReachHosts,
      menus: { 'view/item/context': { '1_work@5': all(onHost, isTrusted) } },
    }),
    'muster.openForward': command<[row?: HostsNode]>({
      icon: 'globe',
      palette: forwardsContext.forwarding,
      menus: { 'view/item/context': { 'inline@1': onForward, '1_work@1': onForward } },
    }),
    'muster.copyForwardUrl': command<[row?: HostsNode]>({
      icon: 'copy',
      palette: forwardsContext.forwarding,
      menus: { 'view/item/context': { '1_work@2': onForward } },
    }),
    'muster.stopForward': command<[row?: HostsNode]>({
      icon: 'close',
      palette: forwardsContext.forwarding,
      menus: { 'view/item/context': { 'inline@2': onForward, '1_work@3': onForward } },
    }),
    'muster.stopAllForwards': command({
      palette: forwardsContext.forwarding,
      menus: { 'view/item/context': { '1_work@4': onForward } },
    }),
  },
} satisfies Contribution;
