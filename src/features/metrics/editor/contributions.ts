import { canReachHosts, inHosts, onHosts } from '../../../shell/editor/hosts/hostClauses';
import type { HostsArguments } from '../../../shell/editor/hosts/hostsArguments';
import { type ArgumentsIn, command, type Contribution } from '../../../shell/editor/manifest/contribution';
import { all, isTrusted } from '../../../shell/editor/manifest/whenClauses';

declare module '../../../shell/editor/commands/musterCommands' {
  interface MusterCommands extends ArgumentsIn<typeof metricsContribution.commands> {}
}

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
  },
} satisfies Contribution;
