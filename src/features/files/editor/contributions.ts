import { canReachHosts, onHost, onHosts } from '../../../shell/editor/hosts/hostClauses';
import type { HostsNode } from '../../../shell/editor/hosts/hostNodes';
import {
  type ArgumentsIn,
  command,
  type Contribution,
  type Rows,
} from '../../../shell/editor/manifest/contribution';
import { all, isTrusted, matches } from '../../../shell/editor/manifest/whenClauses';

declare module '../../../shell/editor/commands/musterCommands' {
  interface MusterCommands extends ArgumentsIn<typeof filesContribution.commands> {}
}

export const filesContribution = {
  commands: {
    'muster.openHostFile': command<Partial<Rows<HostsNode>>>({
      icon: 'go-to-file',
      palette: canReachHosts,
      menus: { 'view/item/context': { '1_work@6': all(onHost, isTrusted) } },
    }),
    'muster.compareOnHosts': command<Partial<Rows<HostsNode>>>({
      icon: 'diff',
      palette: canReachHosts,
      menus: {
        'view/item/context': { '1_work@7': all(onHosts, isTrusted) },
        'editor/context': { '5_muster@3': all(matches('resourceScheme', 'muster-ssh'), isTrusted) },
        'editor/title/context': { '5_muster@1': all(matches('resourceScheme', 'muster-ssh'), isTrusted) },
      },
    }),
  },
  settings: {
    hosts: { 'muster.files.write': { order: 1, type: 'boolean', default: false, scope: 'window' } },
  },
  others: {
    resourceLabelFormatters: [
      { scheme: 'muster-ssh', formatting: { label: '${authority}:${path}', separator: '/' } },
    ],
  },
} satisfies Contribution;
