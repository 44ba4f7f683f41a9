import { canReachHosts, onHosts } from '../../../shell/editor/hosts/hostClauses';
import type { HostsNode } from '../../../shell/editor/hosts/hostNodes';
import {
  type ArgumentsIn,
  command,
  type Contribution,
  type Rows,
} from '../../../shell/editor/manifest/contribution';
import { all, isTrusted, matches } from '../../../shell/editor/manifest/whenClauses';

declare module '../../../shell/editor/commands/musterCommands' {
  interface MusterCommands extends ArgumentsIn<typeof copyContribution.commands> {}
}

const onLocalFile = all(canReachHosts, matches('resourceScheme', 'file'));
const onHostFile = all(matches('resourceScheme', 'muster-ssh'), isTrusted);

export const copyContribution = {
  commands: {
    'muster.copyToHosts': command({
      icon: 'cloud-upload',
      palette: canReachHosts,
      menus: {
        'explorer/context': { '5_muster@2': onLocalFile },
        'editor/title/context': { '5_muster@2': onLocalFile },
      },
    }),
    'muster.fetchFromHosts': command<Partial<Rows<HostsNode>>>({
      icon: 'cloud-download',
      palette: canReachHosts,
      menus: {
        'view/item/context': { '1_work@12': all(onHosts, isTrusted) },
        'editor/context': { '5_muster@4': onHostFile },
        'editor/title/context': { '5_muster@3': onHostFile },
      },
    }),
  },
} satisfies Contribution;
