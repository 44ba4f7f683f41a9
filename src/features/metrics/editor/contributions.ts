import { canReachHosts, inHosts, onHosts } from '../../../shell/editor/hosts/hostClauses';
import type { HostsNode } from '../../../shell/editor/hosts/hostNodes';
import type { HostsArguments } from '../../../shell/editor/hosts/hostsArguments';
import { type ArgumentsIn, command, type Contribution } from '../../../shell/editor/manifest/contribution';
import { all, isTrusted, matches } from '../../../shell/editor/manifest/whenClauses';

declare module '../../../shell/editor/commands/musterCommands' {
  interface MusterCommands extends ArgumentsIn<typeof metricsContribution.commands> {}
}

const onPinned = all(inHosts, matches('viewItem', 'pinnedSeries'));

export const metricsContribution = {
  commands: {
    'muster.showMetrics': command<HostsArguments>({
      icon: 'graph-line',
      palette: canReachHosts,
      menus: {
        'view/item/context': { '1_work@14': all(onHosts, isTrusted) },
        'view/title': { '4_metrics@1': all(inHosts, canReachHosts) },
      },
    }),
    'muster.unpinSeries': command<[row: HostsNode]>({
      icon: 'close',
      palette: false,
      menus: { 'view/item/context': { 'inline@1': onPinned, '1_work@1': onPinned } },
    }),
  },
} satisfies Contribution;
