import { canReachHosts, onHosts } from '../../../shell/editor/hosts/hostClauses';
import type { HostsNode } from '../../../shell/editor/hosts/hostNodes';
import {
  type ArgumentsIn,
  command,
  type Contribution,
  type Rows,
} from '../../../shell/editor/manifest/contribution';
import { all, isTrusted, matches } from '../../../shell/editor/manifest/whenClauses';
import { driftScheme } from './driftScheme';

declare module '../../../shell/editor/commands/musterCommands' {
  interface MusterCommands extends ArgumentsIn<typeof driftContribution.commands> {}
}

const onDrift = matches('resourceScheme', driftScheme);

export const driftContribution = {
  commands: {
    'muster.showDrift': command<Partial<Rows<HostsNode>>>({
      icon: 'git-compare',
      palette: canReachHosts,
      menus: { 'view/item/context': { '1_work@13': all(onHosts, isTrusted) } },
    }),
    'muster.compareDriftGroups': command({
      icon: 'diff',
      palette: onDrift,
      menus: { 'editor/title': { 'navigation@1': onDrift } },
    }),
    'muster.refreshDrift': command({
      icon: 'refresh',
      palette: all(onDrift, isTrusted),
      menus: { 'editor/title': { 'navigation@2': all(onDrift, isTrusted) } },
    }),
  },
  others: {
    languages: [{ id: driftScheme, aliases: ['Muster Drift'], filenamePatterns: [`**/*.${driftScheme}/*`] }],
    grammars: [
      { language: driftScheme, scopeName: 'text.muster-drift', path: './media/muster-drift.tmLanguage.json' },
    ],
  },
} satisfies Contribution;
